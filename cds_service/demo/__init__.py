"""The demo EHR: a FHIR server over the fixtures, and one plain page that calls hooks and shows cards."""
