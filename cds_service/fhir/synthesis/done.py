"""What was done to a worked patient: reports, procedures, vaccinations."""

from __future__ import annotations

from cds_service.fhir.synthesis.maker import Maker, Notation, Resource, codeable, codings, item_of
from cds_service.fhir.synthesis.words import NotationFault

_KEYS = frozenset({"on", "status", "code", "codes", "text"})


def examination(entry: object, maker: Maker) -> Resource:
    """``{report: hrct_chest, on: 20 days ago}``, or the same as ``procedure:``; ``on: unknown`` has no day."""
    kind = "procedure" if isinstance(entry, dict) and "procedure" in entry else "report"
    item = item_of(entry, kind, _KEYS)
    name, day = str(item.get(kind, "")), _day(item, maker)
    if kind == "procedure":
        return maker.resource(
            "Procedure", name, item, status=str(item.get("status", "completed")),
            code=_code(name, item, maker), performedDateTime=day,
        )  # fmt: skip
    return maker.resource(
        "DiagnosticReport", name, item, status=str(item.get("status", "final")),
        code=_code(name, item, maker), effectiveDateTime=day,
    )  # fmt: skip


def vaccination(entry: object, maker: Maker) -> Resource:
    """``influenza_inactivated``, or ``{vaccine: zoster_recombinant, on: 2 years ago}``."""
    item = item_of(entry, "vaccine", _KEYS)
    name = str(item.get("vaccine", ""))
    return maker.resource(
        "Immunization", name, item, status=str(item.get("status", "completed")),
        vaccineCode=maker.concept(name, "vaccine", item) if name else _spelt_out(item),
        occurrenceDateTime=_day(item, maker),
    )  # fmt: skip


def _code(name: str, item: Notation, maker: Maker) -> dict[str, object]:
    """Its name in the list of examinations, else in that of laboratory tests; else words."""
    if not name:
        return _spelt_out(item)
    return maker.concept(name, "order" if maker.terms.exists("order", name) else "lab", item)


def _spelt_out(item: Notation) -> dict[str, object]:
    if "text" not in item:
        raise NotationFault(f"{dict(item)!r} names nothing; write a name of cards/codes, or text:")
    return codeable(codings(item), str(item["text"]))


def _day(item: Notation, maker: Maker) -> str | None:
    on = item.get("on", "30 days ago")
    return None if on == "unknown" else maker.day(on).isoformat()
