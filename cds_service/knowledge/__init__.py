"""Reads ``cards/``, judges pages by facts, and composes findings into cards."""
