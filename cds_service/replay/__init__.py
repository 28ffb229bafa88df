"""Whole calls replayed: fixtures as of their date, in process or against a running service."""
