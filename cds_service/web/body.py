"""Read the body of a call: JSON only, and never more bytes than the limit."""

from __future__ import annotations

from flask import Request
from gunicorn.http.errors import ParseException

from cds_service.errors import BadRequest, NotJson, TooLarge

PIECE = 65_536


def check_headers(request: Request, limit: int) -> None:
    """Refuse from the headers what need not be read. Raises :class:`NotJson` and :class:`TooLarge`."""
    if request.mimetype != "application/json":
        raise NotJson("send the body as application/json")
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise NotJson("send the body in UTF-8")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotJson("send the body without Content-Encoding")
    if (request.content_length or 0) > limit:
        raise _too_large(limit)


def read(request: Request, limit: int) -> bytes:
    """The body, framed by length or chunked. Raises :class:`TooLarge` as soon as the limit is passed, and
    :class:`BadRequest` where it broke off or its chunks are none."""
    pieces: list[bytes] = []
    size = 0
    while piece := _piece(request):
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        pieces.append(piece)
    return b"".join(pieces)


def _piece(request: Request) -> bytes:
    try:
        return request.stream.read(PIECE)
    except (ParseException, OSError):
        # Never the text of the error: it quotes the body.
        raise BadRequest("the body broke off or is framed wrongly") from None


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is over the limit of {limit} bytes")
