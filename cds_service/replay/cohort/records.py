"""What the chart of a synthetic patient holds: problems, results, companions, what was forgotten."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from cds_service.replay.cohort.people import Entry, Person, choose

# Days between two blood tests in steady treatment, and in the first three months.
STEADY, EARLY = 84, 28
# Name, lowest and highest usual value of a person, decimals, unit, reference range; each value varies by some per cent
# about the person's own.
BLOOD = (
    ("wbc", 5.2, 8.2, 1, "10*3/uL", None),
    ("neutrophils", 2.9, 5.4, 1, "10*3/uL", None),
    ("lymphocytes", 1.3, 2.4, 1, "10*3/uL", None),
    ("hemoglobin", 12.6, 14.9, 1, "g/dL", None),
    ("platelets", 190, 330, 0, "10*3/uL", None),
    ("mcv", 85, 95, 0, "fL", None),
    ("creatinine", 0.65, 0.95, 2, "mg/dL", "0.5-1.1"),
    ("potassium", 3.9, 4.6, 1, "mmol/L", "3.5-5.1"),
    ("alt", 14, 31, 0, "U/L", "<35"),
    ("ast", 14, 30, 0, "U/L", "<35"),
    ("ggt", 12, 34, 0, "U/L", "<40"),
    ("albumin", 3.9, 4.5, 1, "g/dL", None),
    ("bilirubin_total", 0.3, 0.9, 1, "mg/dL", None),
    ("glucose", 80, 102, 0, "mg/dL", None),
    ("magnesium", 1.8, 2.2, 1, "mg/dL", None),
    ("urea_nitrogen", 9, 18, 0, "mg/dL", None),
)
VARIATION = 0.06
ONCE = ("hbsag", "anti_hbc", "anti_hcv", "igra", "hiv")
TERATOGENIC = frozenset({"methotrexate", "mycophenolate"})


def write(found: Person, chance: random.Random, told: Mapping[str, Any]) -> None:
    """Fill the chart of a patient."""
    found.problems = list(_problems(found, chance, told))
    found.allergies = list(_allergies(chance, told))
    found.medications = [course.entry() for course in found.regimen.courses]
    found.medications += _earlier(found, chance)
    found.medications += _companions(found, chance, told)
    found.medications += _others(found, chance, told)
    found.labs = [*_blood(found, chance, told), *_once(found, chance, told), *_looked_at(found, chance, told)]
    found.done = list(_examined(found, chance, told))
    found.vaccines = list(_vaccinated(found, chance, told))


def _problems(found: Person, chance: random.Random, told: Mapping[str, Any]) -> Iterator[Entry]:
    name = "amyopathic_dm" if found.amyopathic else "jdm" if found.juvenile else "dermatomyositis"
    yield {"is": name, "since": f"{found.onset_days} days ago"}
    overlap = "none" if found.juvenile else choose(chance, told["overlap"])
    if overlap == "sjogren":
        yield {"text": "Sjogren syndrome", "since": "4 years ago"}
    elif overlap != "none":
        yield {"is": overlap, "since": "4 years ago"}
    for problem, share in told["comorbidities"].items():
        if not found.is_child and chance.random() < share:
            yield {"is": problem, "since": f"{chance.randint(200, 4000)} days ago"}
    pregnant = found.sex == "female" and 18 <= found.age <= 45 and chance.random() < told["pregnant"]
    if pregnant:
        yield {"is": "pregnancy", "since": f"{chance.randint(40, 200)} days ago"}


def _allergies(chance: random.Random, told: Mapping[str, Any]) -> Iterator[str]:
    name = choose(chance, told["allergies"])
    if name == "penicillin":
        yield "penicillins"
    elif name != "nothing-recorded":
        yield name


def _earlier(found: Person, chance: random.Random) -> Iterator[Entry]:
    """Courses that are over: prednisone before today's dose, and, in refractory disease, two drugs that failed."""
    steroid = next((c for c in found.regimen.courses if c.drug == "prednisone"), None)
    begun = found.onset_days - chance.randint(1, 20)
    until = steroid.since if steroid else min(begun - 150, 600)
    if found.state != "new" and not found.amyopathic and begun > until + 10:
        yield _over("prednisone", f"{found.regimen.prednisone_mg + 10:g} mg", "daily", begun, until)
    if found.state == "refractory":
        yield _over("methotrexate", "20 mg", "weekly fri", found.onset_days - 20, found.onset_days - 200)
        if found.onset_days > 420:
            yield _over("azathioprine", "150 mg", "daily", found.onset_days - 200, found.onset_days - 360)


def _over(drug: str, dose: str, timing: str, since: int, until: int) -> Entry:
    days = {"since": f"{since} days ago", "until": f"{max(until, 0)} days ago", "status": "completed"}
    return {"drug": drug, "dose": dose, "timing": timing, "route": "oral", "renewed": False, **days}


def _companions(found: Person, chance: random.Random, told: Mapping[str, Any]) -> Iterator[Entry]:
    taken, share = found.regimen, told["companions"]
    since = {"since": f"{min(max(found.onset_days - 5, 2), 700)} days ago"}
    if "methotrexate" in taken.drugs and chance.random() < share["folic_acid"]:
        yield {"drug": "folic_acid", "dose": "5 mg", "timing": "weekly wed", **since}
    if not taken.prednisone_mg:
        return
    if chance.random() < share["calcium"]:
        yield {"drug": "calcium_carbonate", "dose": "500 mg", "timing": "daily", "statement": True, **since}
        yield {"drug": "vitamin_d", "dose": "800 units", "timing": "daily", "statement": True, **since}
    if not found.is_child and found.age >= 40 and chance.random() < share["bone_drug"]:
        yield {"drug": "alendronate", "dose": "70 mg", "timing": "weekly sat", **since}
    if taken.prednisone_mg >= 20 and not found.is_child and chance.random() < share["pneumocystis"]:
        yield {"drug": "atovaquone", "dose": "1500 mg", "timing": "daily", **since}


def _others(found: Person, chance: random.Random, told: Mapping[str, Any]) -> Iterator[Entry]:
    for drug, share in told["comedication"].items():
        if not found.is_child and chance.random() < share:
            known = drug not in ("metformin", "amlodipine")
            named = {"drug": drug} if known else {"text": f"{drug} tablet"}
            yield {
                **named,
                "dose": "1 tablet",
                "timing": "daily",
                "since": f"{chance.randint(60, 900)} days ago",
            }


def _blood(found: Person, chance: random.Random, told: Mapping[str, Any]) -> Iterator[Entry]:
    """Blood tests in a regular row, back to the beginning of the disease or a year; the last one more or less late."""
    since = min((c.since for c in found.regimen.courses), default=found.onset_days)
    interval = STEADY if found.regimen.courses and since > 180 else EARLY if found.regimen.courses else 180
    low, high, _ = chance.choices(told["lateness"], [each[2] for each in told["lateness"]])[0]
    last = min(max(round(interval * chance.uniform(low, high)), 1), found.onset_days + 6)
    ill = found.state in ("new", "induction", "refractory") and not found.amyopathic
    odd = {kind for kind, share in told["abnormal"].items() if chance.random() < share}
    usual = {name: chance.uniform(low, high) for name, low, high, *_ in BLOOD}
    for number, day in enumerate(range(last, max(last + 1, min(found.onset_days + 7, 400)), interval)):
        yield from _draw(chance, day, usual, ill=ill and day < 120, odd=odd if number == 0 else set())
    if found.regimen.courses:
        pressure = f"{chance.randint(108, 136)}/{chance.randint(66, 84)}"
        yield {"bp": pressure, "on": f"{min(last, 60)} days ago"}


def _draw(
    chance: random.Random, day: int, usual: Mapping[str, float], *, ill: bool, odd: set[str]
) -> Iterator[Entry]:
    on = {"on": f"{day} days ago"}
    worse = {"alt": 2.6, "ast": 3.1} if ill else {}
    if "liver" in odd:
        worse = {"alt": 3.4, "ast": 2.8, "ggt": 3.0}
    if "cytopenia" in odd:
        worse |= {"wbc": 0.45, "neutrophils": 0.3}
    if "kidney" in odd:
        worse |= {"creatinine": 1.9}
    for name, _, _, decimals, unit, span in BLOOD:
        value = usual[name] * worse.get(name, 1) * max(chance.gauss(1, VARIATION), 0.8)
        yield {name: f"{value:.{decimals}f} {unit}", **on, **({"range": span} if span else {})}
    times = chance.uniform(4, 12) if ill else chance.uniform(0.3, 0.95)
    yield {"ck": f"{170 * times:.0f} U/L", "range": "26-170", **on}


def _once(found: Person, chance: random.Random, told: Mapping[str, Any]) -> Iterator[Entry]:
    """What is measured once: antibodies, serology, genotype, immunoglobulins, bone density."""
    early = {"on": f"{max(found.onset_days - 6, 1)} days ago"}
    known = found.state != "new" or chance.random() < 0.4
    if known and chance.random() < told["antibodies_known"]:
        positive = choose(chance, told["antibodies"])
        for antibody in told["antibodies"]:
            if antibody != "none":
                yield {antibody: "positive" if antibody == positive else "negative", **early}
    if found.regimen.courses:
        yield from _before_treatment(found, chance, told["baseline_recorded"], early)
    if found.regimen.prednisone_mg and not found.is_child and chance.random() < 0.8:
        yield {
            "dxa_tscore_spine": "-0.9 {T-score}",
            "on": f"{min(max(found.onset_days - 20, 1), 400)} days ago",
        }


def _examined(found: Person, chance: random.Random, told: Mapping[str, Any]) -> Iterator[Entry]:
    """Eyes on hydroxychloroquine, and an ECG where the heart was looked at."""
    if "hydroxychloroquine" in found.regimen.drugs and chance.random() < told["eyes_examined"]:
        yield {"report": "oct_retina", "on": f"{chance.randint(5, 350)} days ago"}
    basic = next((each for each in found.labs if "spep" in each), None)
    if basic:
        yield {"report": "xr_chest", "on": basic["on"]}
        enhanced = ["ct_chest_abdomen_pelvis"]
        enhanced += ["mammogram", "pelvic_us", "cervical_screening"] if found.sex == "female" else []
        yield from ({"report": name, "on": f"{max(found.onset_days - 12, 1)} days ago"} for name in enhanced)
    if any("troponin" in each for each in found.labs):
        yield {"report": "ecg", "on": f"{max(min(found.onset_days - 10, 300), 2)} days ago"}


def _vaccinated(found: Person, chance: random.Random, told: Mapping[str, Any]) -> Iterator[Entry]:
    """As of late November: influenza vaccine of this autumn, COVID-19 of the year, the others once."""
    days = {"influenza_inactivated": 40, "covid": 60, "pcv20": 700, "hepb": 2000}
    if not found.is_child:
        days["zoster_recombinant"] = 600
    for name, ago in days.items():
        if chance.random() < told["vaccines_recorded"]:
            yield {"vaccine": name, "on": f"{ago} days ago"}


def _before_treatment(found: Person, chance: random.Random, recorded: float, early: Entry) -> Iterator[Entry]:
    for name in ONCE:
        if chance.random() < recorded:
            carrier = name == "anti_hbc" and chance.random() < 0.03
            yield {name: "positive" if carrier else "negative", **early}
    if "azathioprine" in found.regimen.drugs and chance.random() < recorded:
        yield {"tpmt_phenotype": "normal metabolizer", **early}
    for name, value in (("igg", "10.4 g/L"), ("iga", "1.9 g/L"), ("igm", "1.1 g/L")):
        if chance.random() < recorded:
            yield {name: value, "on": f"{min(found.onset_days, 40)} days ago"}
    if chance.random() < recorded:
        for name, value in (("cholesterol", "182 mg/dL"), ("hba1c", "5.5 %"), ("vitd25oh", "72 nmol/L")):
            yield {name: value, "on": f"{min(found.onset_days, 60)} days ago"}


def _looked_at(found: Person, chance: random.Random, told: Mapping[str, Any]) -> Iterator[Entry]:
    """What is looked at in clinic: lungs, heart, cancer panels, contraception, the core set."""
    settled = found.onset_days > 60 or chance.random() < 0.3
    if settled and chance.random() < told["screening_visit_done"]:
        day = {"on": f"{max(min(found.onset_days - 10, 300), 2)} days ago"}
        for name, value in (
            ("fvc", "3.3 L"),
            ("dlco", "19 mL/min/mmHg"),
            ("hrct_report", "no interstitial change"),
            ("troponin", "6 ng/L"),
            ("lvef", "61 %"),
        ):
            yield {name: value, **day}
    if not found.juvenile and settled and chance.random() < told["cancer_panel_done"]:
        yearly = {"on": f"{chance.randint(2, min(found.onset_days + 20, 330))} days ago"}
        yield {"crp": "3 mg/L", **yearly}
        yield {"esr": "12 mm/h", **yearly}
        yield {"spep": "negative", "on": yearly["on"]}
        yield {"urinalysis": "negative", "on": yearly["on"]}
        yield {"fit": "negative", "on": f"{max(found.onset_days - 12, 1)} days ago"}
        yield {("ca125" if found.sex == "female" else "psa"): ("14 U/mL" if found.sex == "female" else "0.8 ng/mL"),
               "on": f"{max(found.onset_days - 12, 1)} days ago"}  # fmt: skip
    at_risk = found.may_become_pregnant and bool(found.regimen.drugs & TERATOGENIC)
    if at_risk and found.age >= 15 and chance.random() < told["companions"]["contraception"]:
        yield {"contraception": "Intrauterine device", "on": f"{chance.randint(5, 300)} days ago"}
        yield {"pregnancy_test": "negative", "on": f"{min(found.onset_days, 5)} days ago"}
    mended = {"new": 0, "induction": 0.5, "refractory": 0.3}.get(found.state, 0.95)
    for name, worst, best in (("mmt8", 112, 149), ("physician_global", 6, 0.5), ("patient_global", 6.5, 1)):
        if found.state != "new" and not found.amyopathic:
            score = worst + (best - worst) * mended
            yield {
                name: f"{score:.1f}" if worst < 100 else f"{score:.0f}",
                "on": f"{min(found.onset_days, 25)} days ago",
            }
