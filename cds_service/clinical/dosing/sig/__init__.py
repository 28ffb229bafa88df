"""Reads the free text of a prescription ("6 tablets every Friday, NOT daily"): amounts, rhythm, steps."""

from cds_service.clinical.dosing.sig.read import Sig, SigStep, read_sig

__all__ = ["Sig", "SigStep", "read_sig"]
