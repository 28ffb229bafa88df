"""Code systems: one short key each, whatever address a system was sent under."""

from __future__ import annotations

URIS = {
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "loinc": "http://loinc.org",
    "snomed": "http://snomed.info/sct",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "atc": "http://www.whocc.no/atc",
    "cvx": "http://hl7.org/fhir/sid/cvx",
    # What has no public code: see docs/core-set.md.
    "core-set": "https://dermatomyositis-cds.org/core-set",
}
"""Short key -> the address a system is written with."""

# The national editions of ICD-10 share the categories our lists name; a code of any edition is looked up.
_ALIASES = {
    "rxnorm": ("urn:oid:2.16.840.1.113883.6.88", "2.16.840.1.113883.6.88", "rxnorm"),
    "loinc": ("urn:oid:2.16.840.1.113883.6.1", "2.16.840.1.113883.6.1", "https://loinc.org", "loinc"),
    "snomed": (
        "urn:oid:2.16.840.1.113883.6.96", "2.16.840.1.113883.6.96", "https://snomed.info/sct",
        "snomed", "snomed-ct", "snomed ct",
    ),
    "icd10cm": (
        "urn:oid:2.16.840.1.113883.6.90", "2.16.840.1.113883.6.90", "icd-10-cm", "icd10cm", "icd-10", "icd10",
        "http://hl7.org/fhir/sid/icd-10", "urn:oid:2.16.840.1.113883.6.3", "2.16.840.1.113883.6.3",
        "http://hl7.org/fhir/sid/icd-10-gm", "http://fhir.de/codesystem/bfarm/icd-10-gm",
        "http://fhir.de/codesystem/dimdi/icd-10-gm", "http://terminology.hl7.org/codesystem/icd10-cm",
    ),
    "atc": (
        "urn:oid:2.16.840.1.113883.6.73", "2.16.840.1.113883.6.73", "https://www.whocc.no/atc", "atc",
        "http://fhir.de/codesystem/bfarm/atc", "http://fhir.de/codesystem/dimdi/atc",
    ),
    "cvx": ("urn:oid:2.16.840.1.113883.12.292", "2.16.840.1.113883.12.292", "cvx"),
}  # fmt: skip
_KEYS = {uri: key for key, uri in URIS.items()} | {
    alias: key for key, aliases in _ALIASES.items() for alias in aliases
}


def system_key(system: str) -> str | None:
    """The short key of a system under any of its addresses, or ``None`` for one we keep no list of."""
    found = _KEYS.get(system)
    if found is None:
        tidy = system.strip().rstrip("/").lower()
        # SNOMED editions and versions: http://snomed.info/sct/731000124108/version/20240301
        found = "snomed" if tidy.startswith("http://snomed.info/sct/") else _KEYS.get(tidy)
    return found


def tidy_code(key: str, code: str) -> str:
    """A code as it is looked up: ICD-10 without its dot, in capitals; CVX with two digits."""
    plain = code.strip()
    if key == "icd10cm":
        return plain.replace(".", "").upper()
    if key == "atc":
        return plain.upper()
    return plain.zfill(2) if key == "cvx" else plain
