"""Pure medicine and arithmetic: the standard library only, no JSON, HTTP, YAML or today's date."""
