"""A FHIR server that fails in every way a FHIR server can, for whoever tests a client of one."""
