"""The edge to HTTP: thin, and ignorant of medicine."""
