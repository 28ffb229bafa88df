"""The closed catalogue of facts: what a page may compare, and how each is worked out.

Importing this package fills :data:`registry.FACTS`.
"""
