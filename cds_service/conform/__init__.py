"""Does a CDS Hooks service keep to the specification? Asked from outside, of any service, over HTTP alone.

A stranger to the rest of this project: it imports nothing of the service, so that it judges it as it judges
every other. What the specification asks stands in ``requirements.yaml``, the hooks in ``hooks.yaml``, the
patient it speaks of in ``patient.json``.
"""
