"""Smoking: as a problem, or as the answer to the question for it."""

from __future__ import annotations

from cds_service.clinical.facts.problems import NEEDS
from cds_service.clinical.facts.reading import of_measurement, results
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown

STATUSES = ("current", "former", "never", "none")
_ANSWERS = {"current_smoker": "current", "former_smoker": "former", "never_smoker": "never"}


@fact(
    "smoking_status",
    "word",
    words=STATUSES,
    needs=(*NEEDS, "screeningTests"),
    uses=("has_condition", "had_condition"),
)
def smoking_status(scope: Scope) -> Fact[str]:
    """Current, former or never, by the newest answer and the problem list, the graver of the two; none if neither.

    "Unknown if ever smoked" is no answer.
    """
    active: Fact[bool] = scope.get("has_condition", "smoker")
    past: Fact[bool] = scope.get("had_condition", "smoker")
    found = results(scope, ("smoking",))
    answered = [m for m in found.items if m.finding in _ANSWERS][:1]
    told = [Known(_ANSWERS[m.finding], (of_measurement(scope, m),)) for m in answered]
    for word, problem in (("current", active), ("former", past)):
        if isinstance(problem, Known) and problem.value:
            told.append(Known(word, problem.inputs))
    best = min(told, key=lambda each: STATUSES.index(each.value), default=Known("none"))
    doubt = found.doubt or (active.reason if isinstance(active, Unknown) else None)
    return Unknown(doubt, ("smoking",)) if doubt and best.value != "current" else best
