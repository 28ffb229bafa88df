"""What the code lists say of one another: graver forms, shares, topics, and the drugs of a drug."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cds_service.clinical.concepts import Concept
from cds_service.knowledge.files import Faults, near

FILES = {
    "drugs.yaml": "drug", "labs.yaml": "lab", "conditions.yaml": "condition", "orders.yaml": "order",
    "routes.yaml": "route", "vaccines.yaml": "vaccine", "allergies.yaml": "allergy", "answers.yaml": "answer",
}  # fmt: skip
FILE_OF = {kind: file for file, kind in FILES.items()}
Concepts = Mapping[tuple[str, str], Concept]


def related(found: Concepts, faults: Faults) -> dict[tuple[str, str], Concept]:
    """The concepts, by kind and name, with their graver forms; what they say of what is not there is a fault."""
    _check_drugs(found, faults)
    _check_topics(found, faults)
    _check_shares(found, faults)
    return _widened(found, faults)


def _check_drugs(found: Concepts, faults: Faults) -> None:
    """Whether the drugs that a drug speaks of are in the list."""
    report, drugs = faults.at("codes/drugs.yaml"), [name for kind, name in found if kind == "drug"]
    for (kind, name), concept in found.items():
        strengths = [*concept.products.values(), *(c.strength for c in concept.codes if c.strength)]
        named = {
            "local": {concept.local},
            "covers": concept.covers,
            "strength": {s.of for s in strengths},
        }
        for key, others in named.items():
            for other in sorted(others - {"", *drugs} if kind == "drug" else ()):
                report(f"{name}.{key}", f"no drug named '{other}'{near(other, drugs)}")


def _check_topics(found: Concepts, faults: Faults) -> None:
    """Whether the further topics of a panel are the topic of any lab."""
    topics = sorted({concept.topic for concept in found.values() if concept.topic})
    for (_, name), concept in found.items():
        for topic in sorted(concept.also - set(topics)):
            faults.at("codes/labs.yaml")(f"{name}.also", f"no topic '{topic}'{near(topic, topics)}")


def _check_shares(found: Concepts, faults: Faults) -> None:
    """Whether a count and what it is a share of have one unit, and the share is in per cent."""
    units = {name: concept.unit for (kind, name), concept in found.items() if kind == "lab"}
    for (_, name), concept in found.items():
        if concept.share and [units.get(each) for each in concept.share] != ["%", concept.unit]:
            wanted = f"must be [a lab in %, a lab in {concept.unit}]"
            faults.at("codes/labs.yaml")(f"{name}.share", wanted)


def _widened(found: Concepts, faults: Faults) -> dict[tuple[str, str], Concept]:
    """The concepts, each with all that a graver form of it (``is_a``) is recognised by.

    What is said of a disease holds of its worst form too, whoever asks for it by the plain name.
    """
    wider = dict(found)
    for (kind, name), concept in found.items():
        if not concept.is_a:
            continue
        plain = wider.get((kind, concept.is_a))
        if plain is None or found[kind, concept.is_a].is_a:
            known = [each for of, each in found if of == kind and not found[of, each].is_a]
            fault = f"no {kind} of that name that is none itself: '{concept.is_a}'{near(concept.is_a, known)}"
            faults.at(f"codes/{FILE_OF[kind]}")(f"{name}.is_a", fault)
            continue
        wider[kind, concept.is_a] = replace(
            plain,
            names=(*plain.names, *concept.names),
            codes=(*plain.codes, *concept.codes),
            begins=(*plain.begins, *concept.begins),
        )
    return wider
