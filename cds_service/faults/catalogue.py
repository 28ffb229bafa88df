"""Every fault that is served over HTTP: its name and what it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.faults import answers, bodies
from cds_service.faults.answers import Answer


@dataclass(frozen=True, slots=True)
class Fault:
    """``answer`` is what a query gets."""

    name: str
    does: str
    answer: Answer


_BUSY = "429, Retry-After"
_DATE = ("Date", "Fri, 31 Dec 2100 23:59:29 GMT")
_LIST = (
    Fault("sound", "answers as it should", answers.sound),
    Fault("unauthorised", "401", answers.failing(401)),
    Fault("forbidden", "403", answers.failing(403)),
    Fault("no-patient", "404 for the Patient; all else is sound", answers.no_patient),
    Fault("not-found", "404", answers.failing(404)),
    Fault("gone", "410", answers.failing(410)),
    Fault("busy-second", f"{_BUSY} 1", answers.busy("1")),
    Fault("busy-day", f"{_BUSY} 86400", answers.busy("86400")),
    Fault(
        "busy-date",
        f"{_BUSY} a date, half a minute from now",
        answers.busy("Fri, 31 Dec 2100 23:59:59 GMT", _DATE),
    ),
    Fault("busy-garbage", f"{_BUSY} neither number nor date", answers.busy("soon; -1")),
    Fault("error-500", "500", answers.failing(500)),
    Fault("error-502", "502", answers.failing(502)),
    Fault("error-503", "503", answers.failing(503)),
    Fault("error-504", "504", answers.failing(504)),
    Fault("cut-short", "half of the body that is announced", answers.cut_short),
    Fault("half", "half of the JSON, as if it were all", answers.half),
    Fault("empty", "200 without a body", answers.always()),
    Fault("html", "200 with a page to sign in", answers.always(b"<html>Sign in</html>", "text/html")),
    Fault("xml", "200 with XML", answers.always(b"<Bundle/>", "application/fhir+xml")),
    Fault("other-type", "200 with a resource of another type", answers.resource(answers.basic)),
    Fault("outcome", "200 with an OperationOutcome", answers.resource(answers.failed)),
    Fault("content-type", "sound JSON as text/plain", answers.spoilt(content_type="text/plain")),
    Fault("redirect", "302 to another server", answers.to(answers.away)),
    Fault("redirect-307", "307 to another server", answers.to(answers.away, 307)),
    Fault("redirect-plain", "302 to its own address over http", answers.to(lambda q: q.plainly)),
    Fault("redirect-loop", "302 to its own address", answers.to(lambda q: q.here)),
    Fault("drip-head", "a byte a second from the status line on", answers.spoilt(drip=1.0, drips_head=True)),
    Fault("drip-body", "the head at once, then a byte a second", answers.spoilt(drip=1.0)),
    Fault("hang", "takes the connection and says nothing", answers.silence),
    Fault("huge", "a body of 100 MB", answers.huge),
    Fault("bomb", "200 MB in a gzip body of 240 kB", answers.packed(bodies.bomb, "gzip")),
    Fault("double-bomb", "the same, compressed twice", answers.packed(bodies.double_bomb, "gzip", "gzip")),
    Fault("endless-pages", "each page names another", answers.page(lambda q: q.at_page(q.page + 1))),
    Fault("own-page", "a page names itself as the next", answers.page(lambda q: q.here)),
    Fault("two-pages", "two pages name each other", answers.page(lambda q: q.at_page(1 - q.page % 2))),
    Fault("page-elsewhere", "the next page is on another server", answers.page(answers.away)),
    Fault("many", "5,000 entries", answers.many),
    Fault("twice", "one id three times", answers.resource(answers.twice)),
    Fault("hollow", "entries without a resource", answers.entries({"fullUrl": "urn:x"}, {})),
    Fault("null-entries", "entries that are null", answers.entries(None, None)),
    Fault("turning", "contained resources in a circle", answers.resource(answers.turning)),
    Fault("wrong-patient", "everything is about another patient", answers.resource(answers.another)),
    Fault("nothing", "every search finds nothing, with a note of the server", answers.nothing),
)
FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _LIST}
