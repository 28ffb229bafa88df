"""Let named browser origins call (CORS). Errors carry the headers too, else a browser hides them."""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask, Response, request

ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


def allow_origins(app: Flask, origins: Collection[str]) -> None:
    """Answer each origin by name; an origin that is not listed gets no header. ``*`` lists all."""

    def name_origin(response: Response) -> Response:
        origin = request.headers.get("Origin")
        response.vary.add("Origin")
        if origin and (origin in origins or "*" in origins):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers.update(ALLOWED)
        return response

    if origins:
        app.after_request(name_origin)
