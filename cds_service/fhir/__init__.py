"""Everything that knows a FHIR field name or talks to a FHIR server."""
