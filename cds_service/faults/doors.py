"""Addresses that fail before a word of HTTP is spoken."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def refusing(host: str, port: int) -> Iterator[int]:
    """A port that refuses every connection, kept so that nobody else takes it; yields its number."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as kept:
        kept.bind((host, port))
        yield int(kept.getsockname()[1])


@contextmanager
def swallowing(host: str, port: int) -> Iterator[int]:
    """A port that answers no attempt to connect, as behind a firewall; yields its number.

    Its queue of connections is filled and never emptied: Linux then drops what comes further.
    """
    with socket.create_server((host, port), backlog=0) as full:
        number = int(full.getsockname()[1])
        waiting = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(4)]
        try:
            for each in waiting:
                each.setblocking(False)
                each.connect_ex((host, number))
            yield number
        finally:
            for each in waiting:
                each.close()
