"""A synthetic population and the cards it would see: is the service quiet where it should be?

Nobody in it is real. What it assumes of patients, drugs, records and prescribers is in ``assumptions.yaml``.
"""
