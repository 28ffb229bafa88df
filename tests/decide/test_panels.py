"""One panel in four shapes, by prefetch and from a server: the answer is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import pytest

from cds_service.fhir.synthesis import Store, equip
from cds_service.fhir.synthesis import chart as written
from cds_service.replay.knowledge import terminology
from cds_service.replay.loopback import fhir_server
from tests.decide.service import OURS, TODAY, catalogue, request_of, send

LOINC = "http://loinc.org"
HOOK = "patient-view"
Json = dict[str, Any]


class Panel(NamedTuple):
    """A panel's code, its results, the rule they ring, and the factors to the units of elsewhere."""

    code: str
    labs: tuple[Json, ...]
    rings: str
    units: dict[str, tuple[str, str]]
    medications: tuple[Json, ...] = ()
    problems: tuple[str, ...] = ()


def on(*drugs: tuple[str, str, str]) -> tuple[Json, ...]:
    """Drugs taken for two years."""
    return tuple({"drug": d, "dose": n, "timing": t, "since": "2 years ago"} for d, n, t in drugs)


WEEKLY = on(("methotrexate", "15 mg", "weekly fri"), ("folic_acid", "5 mg", "weekly mon"))
TACROLIMUS = on(("tacrolimus", "2 mg", "twice daily"))
STEROID = on(("prednisone", "10 mg", "daily"))
COUNT = {"10*9/L": ("10*3/uL", "1"), "g/dL": ("g/L", "10")}
ENZYME = {"U/L": ("[IU]/L", "1")}
LOW = ({"wbc": "2.4 10*9/L"}, {"neutrophils": "0.8 10*9/L"}, {"hemoglobin": "12.8 g/dL"})
LIVER = (
    {"alt": "180 U/L", "range": "5-40"}, {"ast": "90 U/L", "range": "5-40"}, {"ggt": "190 U/L", "range": "5-55"},
)  # fmt: skip
CK = ({"ck": "4200 U/L", "range": "30-200"}, {"ck": "150 U/L", "range": "30-200", "on": "60 days ago"})
LUNGS = ({"fvc_pct": "58 %"}, {"dlco_pct": "44 %"}, {"fvc_pct": "75 %", "on": "60 days ago"})
SALTS = ({"potassium": "6.2 mmol/L"}, {"creatinine": "0.9 mg/dL"}, {"glucose": "212 mg/dL"})
TO_SI = {"mmol/L": ("meq/L", "1"), "mg/dL": ("mg/L", "10")}

PANELS = {
    "blood count": Panel("58410-2", LOW, "MON-CBC-02", COUNT, WEEKLY),
    "blood count with differential": Panel("57021-8", LOW, "MON-CBC-02", COUNT, WEEKLY),
    "liver panel": Panel("24325-3", LIVER, "MON-MTX-02", ENZYME, WEEKLY),
    "liver tests of a metabolic panel": Panel("24323-8", LIVER, "MON-MTX-02", ENZYME, WEEKLY),
    "salts of a metabolic panel": Panel("24323-8", SALTS, "MON-TAC-02", TO_SI, TACROLIMUS),
    "salts of a basic panel": Panel("24321-2", SALTS, "MON-TAC-02", TO_SI, TACROLIMUS),
    "salts of a kidney panel": Panel("24362-6", SALTS, "MON-TAC-02", TO_SI, TACROLIMUS),
    "muscle enzymes": Panel("24335-2", (*CK,), "MON-CK-01", ENZYME, WEEKLY),
    "lung function": Panel("19868-9", LUNGS, "SCR-ILD-02", {}, STEROID, ("ild",)),
    "HbA1c": Panel("4548-4", ({"hba1c": "8.1 %"},), "SAF-GLU-01", {"%": ("%", "1")}, STEROID),
    "trough": Panel("11253-2", ({"tacrolimus_level": "17 ng/mL"},), "MON-TAC-01", {"ng/mL": ("ug/L", "1")}, TACROLIMUS),
    "blood pressure": Panel(
        "85354-9", ({"bp_systolic": "192 mm[Hg]"}, {"bp_diastolic": "116 mm[Hg]"}), "MON-BP-01", {}, STEROID
    ),
    "pressure and saturation of a vital signs panel": Panel(
        "85353-1", ({"spo2": "89 %"}, {"bp_systolic": "128 mm[Hg]"}), "SCR-ILD-02", {}, STEROID, ("ild",)
    ),
}  # fmt: skip


def notation(panel: Panel) -> Json:
    """A man with dermatomyositis for two years, the panel drawn two days ago."""
    return {
        "patient": {"age": 52, "sex": "male", "height": "175 cm", "weight": "80 kg", "onset": "2 years ago"},
        "problems": [
            {"is": "dm", "since": "2 years ago"},
            *({"is": p, "since": "1 year ago"} for p in panel.problems),
        ],
        "medications": list(panel.medications),
        "labs": [{"on": "2 days ago"} | lab for lab in panel.labs],
    }


def apart(panel: Panel, results: list[Json]) -> list[Json]:
    """Each by itself, as it comes."""
    return results


def as_components(panel: Panel, results: list[Json]) -> list[Json]:
    """Those of the newest day in one Observation under the panel's code alone."""
    newest = max(r["effectiveDateTime"] for r in results)
    earlier = [r for r in results if r["effectiveDateTime"] < newest]
    results = [r for r in results if r not in earlier]
    kept = ("resourceType", "status", "subject", "effectiveDateTime", "id")
    parts = [
        {k: v for k, v in r.items() if k in ("code", "referenceRange") or k.startswith("value")}
        for r in results
    ]
    code = {"coding": [{"system": LOINC, "code": panel.code}]}
    return [{name: results[0][name] for name in kept} | {"code": code, "component": parts}, *earlier]


def in_words(panel: Panel, results: list[Json]) -> list[Json]:
    """By name alone: a system that mapped nothing."""
    named = [next(iter(lab)) for lab in panel.labs]
    return [
        r | {"code": {"text": terminology().display(n, "lab")}} for r, n in zip(results, named, strict=True)
    ]


def in_other_units(panel: Panel, results: list[Json]) -> list[Json]:
    """The same amounts in the units of another laboratory."""
    return [r | {"valueQuantity": _other(r["valueQuantity"], panel)} | _ranges(r, panel) for r in results]


def _ranges(result: Json, panel: Panel) -> Json:
    ranges = [
        {end: _other(q, panel) for end, q in each.items()} for each in result.get("referenceRange") or ()
    ]
    return {"referenceRange": ranges} if ranges else {}


def _other(quantity: Json, panel: Panel) -> Json:
    unit, factor = panel.units.get(quantity["code"], (quantity["code"], "1"))
    return quantity | {"value": Decimal(str(quantity["value"])) * Decimal(factor), "unit": unit, "code": unit}


Shape = Callable[[Panel, list[Json]], list[Json]]


def shaped(panel: Panel, shape: Shape) -> tuple[Json, ...]:
    """The chart with the panel's results in a shape."""
    made: Any = written(notation(panel), TODAY, terminology())
    body = ("29463-7", "8302-2")
    drawn = [
        r for r in made if r["resourceType"] == "Observation" and r["code"]["coding"][0]["code"] not in body
    ]
    rest = [r for r in made if r not in drawn]
    return (*rest, *shape(panel, drawn))


@pytest.fixture(scope="module")
def held() -> Iterator[tuple[Store, str]]:
    """A FHIR server for the module, and what it holds: each test puts its own patient there."""
    store = Store(shaped(PANELS["trough"], apart))
    with fhir_server(store) as base:
        yield store, base


def told(panel: Panel, resources: tuple[Json, ...], server: tuple[Store, str] | None = None) -> list[Json]:
    """The rules of each card: with all observations sent along, or as the service finds them on a server."""
    bare = {k: v for k, v in request_of(notation(panel), HOOK).items() if k != "prefetch"}
    templates = catalogue()[HOOK]["prefetch"]
    if server:
        server[0].resources = resources
        request = equip(bare, server[0], templates, "fetch", server[1])
    else:
        request = equip(bare, Store(resources), templates, "prefetch", "")
        _add_uncoded(request["prefetch"], resources)
    body = send(HOOK, request).get_json()
    return [
        {rule["rule"]: rule["indicator"] for rule in c["extension"][OURS]["rules"]} for c in body["cards"]
    ]


def _add_uncoded(prefetch: Any, resources: tuple[Json, ...]) -> None:
    """No search by code finds a result without one: an EHR that has such sends them along, under any key."""
    uncoded = [r for r in resources if r["resourceType"] == "Observation" and "coding" not in r["code"]]
    bundle = prefetch["vitalSigns"]
    bundle["entry"] = [*bundle.get("entry", ()), *({"resource": each} for each in uncoded)]
    bundle["total"] = len(bundle["entry"])


@cache
def plain(name: str) -> list[Json]:
    """The cards of a panel whose results come by themselves."""
    return told(PANELS[name], shaped(PANELS[name], apart))


@pytest.mark.parametrize("name", PANELS)
def test_what_the_panel_rings_is_told(name: str) -> None:
    """Every panel of the table holds a result past an action limit: the comparison compares something."""
    assert PANELS[name].rings in {rule for card in plain(name) for rule in card}


@pytest.mark.parametrize("shape", [as_components, in_words, in_other_units])
@pytest.mark.parametrize("name", PANELS)
def test_the_shape_of_a_panel_does_not_matter(name: str, shape: Shape) -> None:
    """As components, by name alone or in other units, sent along: the same cards."""
    panel = PANELS[name]
    assert told(panel, shaped(panel, shape)) == plain(name)


@pytest.mark.parametrize("name", PANELS)
def test_the_service_finds_components_itself(name: str, held: tuple[Store, str]) -> None:
    """A server that searches by the code of the Observation alone finds the panel: the templates ask for it."""
    panel = PANELS[name]
    assert told(panel, shaped(panel, as_components), held) == plain(name)
