"""The patient, the problems, the allergies and the ordered tests of a worked patient."""

from __future__ import annotations

from datetime import date

from cds_service.fhir.synthesis.maker import Maker, Notation, Resource, codeable, codings, item_of, mapping
from cds_service.fhir.synthesis.words import NotationFault, shifted

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
TEST_DATA = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}

# The problems a patient's ``onset`` dates, unless they say their own ``since``.
MYOSITIS = frozenset({
    "dermatomyositis", "juvenile_dermatomyositis", "dm", "jdm", "amyopathic_dm", "polymyositis",
    "antisynthetase", "iim", "dermatopolymyositis", "overlap_ctd",
})  # fmt: skip

_CODED = frozenset({"code", "codes", "text", "since", "recorded", "until", "status", "certainty"})
_PATIENT = frozenset({"age", "born", "sex", "height", "weight", "onset", "died", "name"})


def patient(item: Notation, maker: Maker) -> Resource:
    """``{age: 58, sex: female}``; ``age`` is years, or a span (``20 months``); ``born`` is the day itself."""
    item = item_of(item, "patient", _PATIENT)
    identity: Resource = {
        "resourceType": "Patient",
        "id": maker.patient_id,
        "meta": {"security": [TEST_DATA]},
    }
    born, died = _born(item, maker.today), item.get("died")
    known = {
        "name": [_name(str(item["name"]))] if item.get("name") else None,
        "gender": item.get("sex"),
        "birthDate": born.isoformat() if born else None,
        "deceasedBoolean": died if isinstance(died, bool) else None,
    }
    overrides = mapping(item.get("fhir", {}), "fhir")
    return identity | {key: value for key, value in known.items() if value is not None} | overrides


def _name(words: str) -> dict[str, object]:
    given, _, family = words.rpartition(" ")
    return {"family": family, "given": given.split()} if given else {"family": family}


def _born(item: Notation, today: date) -> date | None:
    if "born" in item:
        return date.fromisoformat(str(item["born"]))
    if "age" not in item:
        return None
    age = item["age"]
    # Not the birthday itself: a test at a birthday says so with ``born``.
    return shifted(shifted(today, f"{age} years" if isinstance(age, int) else str(age), -1), "40 days", -1)


def problem(entry: object, maker: Maker, onset: object = None) -> Resource:
    """``dermatomyositis``, ``{is: ild, since: 3 months ago}`` or ``{text: sore knee, code: [...]}``."""
    item = item_of(entry, "is", _CODED)
    name = str(item.get("is", ""))
    code = maker.concept(name, "condition", item) if name else _spelt_out(item)
    since = item.get("since", onset if name in MYOSITIS else None)
    status = str(item.get("status", "active"))
    return maker.resource(
        "Condition",
        name or str(item["text"]),
        item,
        clinicalStatus=codeable([(CLINICAL, status, "")], ""),
        verificationStatus=codeable([(VERIFICATION, str(item.get("certainty", "confirmed")), "")], ""),
        category=[codeable([(CATEGORY, "problem-list-item", "")], "")],
        code=code,
        onsetDateTime=maker.day(since).isoformat() if since else None,
        recordedDate=maker.day(item.get("recorded", since or "30 days ago")).isoformat(),
        abatementDateTime=maker.day(item["until"]).isoformat() if "until" in item else None,
    )


def _spelt_out(item: Notation) -> dict[str, object]:
    if "text" not in item:
        raise NotationFault(f"{dict(item)!r} names nothing; write is: or text:")
    return codeable(codings(item), str(item["text"]))


def allergy(entry: object, maker: Maker) -> Resource:
    """``sulfonamide``, ``{to: methotrexate, severe: true, type: allergy}``, or ``none-known``."""
    item = item_of(entry, "to", _CODED | {"severe", "type", "reaction"})
    name = str(item.get("to", ""))
    severe = item.get("severe")
    return maker.resource(
        "AllergyIntolerance",
        name or str(item.get("text", "")),
        item,
        clinicalStatus=codeable([(ALLERGY_CLINICAL, str(item.get("status", "active")), "")], ""),
        verificationStatus=codeable(
            [(ALLERGY_VERIFICATION, str(item.get("certainty", "confirmed")), "")], ""
        ),
        type=item.get("type", "allergy"),
        code=_substance(name, item, maker),
        criticality=None if severe is None else ("high" if severe else "low"),
        recordedDate=maker.day(item.get("recorded", "2 years ago")).isoformat(),
        reaction=_reaction(item, severe),
    )


def _substance(name: str, item: Notation, maker: Maker) -> dict[str, object]:
    if name == "none-known":
        return codeable([("http://snomed.info/sct", "716186003", "No known allergy")], "No known allergies")
    if not name:
        return _spelt_out(item)
    kind = "allergy" if maker.terms.exists("allergy", name) else "drug"
    return maker.concept(name, kind, item)


def _reaction(item: Notation, severe: object) -> list[dict[str, object]] | None:
    if "reaction" not in item:
        return None
    grade = {} if severe is None else {"severity": "severe" if severe else "mild"}
    return [{"manifestation": [{"text": str(item["reaction"])}], **grade}]


def service(entry: object, maker: Maker, status: str = "active") -> Resource:
    """An ordered test or referral: ``dxa`` or ``{order: hbsag, since: 3 days ago}``."""
    item = item_of(entry, "order", _CODED | {"selected"})
    name = str(item.get("order", ""))
    kind = "lab" if name and not maker.terms.exists("order", name) else "order"
    return maker.resource(
        "ServiceRequest",
        f"{'draft ' if status == 'draft' else ''}{name or item.get('text', '')}",
        item,
        status=str(item.get("status", status)),
        intent="order",
        code=maker.concept(name, kind, item) if name else _spelt_out(item),
        authoredOn=maker.day(item.get("since", "today")).isoformat(),
    )
