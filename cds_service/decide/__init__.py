"""From a call to its cards: what is on the screen, what the chart adds, what the pages say about it."""

from cds_service.decide.decider import Decider, Decision

__all__ = ["Decider", "Decision"]
