"""How the schema came to be; run by :mod:`cds_service.records.schema`."""
