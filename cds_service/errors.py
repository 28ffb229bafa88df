"""Every error the service raises on purpose, drawn once.

ServiceError                 has an HTTP status and an OperationOutcome code
|-- BadRequest          400  the body is not a well-formed call; every fault is listed
|   `-- WrongPatient    400  the call mixes two patients
|-- Unauthorised        401  the caller could not be identified; never says why
|-- Forbidden           403  the caller may not do this
|-- UnknownService      404
|-- MethodNotAllowed    405
|-- DataRequired        412  required data could not be had; names the prefetch keys
|-- TooLarge            413
|-- NotJson             415
`-- Busy                503  retry later
KnowledgeFault               cards/ is refused at start-up: file, key, remedy
SettingsFault                the settings are refused at start-up
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a call: a sentence with the remedy, and where in the body it is."""

    diagnostics: str
    expression: str = ""


class ServiceError(Exception):
    """Base of all answers that are not 200. Never raised itself."""

    status = 500
    code = "exception"

    def __init__(self, *faults: Fault | str, retry_after: int | None = None) -> None:
        self.faults = tuple(Fault(f) if isinstance(f, str) else f for f in faults)
        self.retry_after = retry_after
        super().__init__("; ".join(f.diagnostics for f in self.faults))


class BadRequest(ServiceError):
    """The body is not a well-formed call. The caller mends the named faults."""

    status = 400
    code = "invalid"


class WrongPatient(BadRequest):
    """The call mixes two patients. Refused whole: no advice is better than the wrong patient's."""

    code = "business-rule"


class Unauthorised(ServiceError):
    """The caller could not be identified. The answer never says why."""

    status = 401
    code = "login"


class Forbidden(ServiceError):
    """The caller is known but may not do this."""

    status = 403
    code = "forbidden"


class UnknownService(ServiceError):
    """No service has this id."""

    status = 404
    code = "not-found"


class MethodNotAllowed(ServiceError):
    """The method does not fit the address."""

    status = 405
    code = "not-supported"


class DataRequired(ServiceError):
    """Data without which nothing can be said could not be had. Names the prefetch keys."""

    status = 412
    code = "required"


class TooLarge(ServiceError):
    """The body is over the limit."""

    status = 413
    code = "too-long"


class NotJson(ServiceError):
    """The body is not application/json."""

    status = 415
    code = "not-supported"


class Busy(ServiceError):
    """Too much work at once, or draining. The caller retries after the stated seconds."""

    status = 503
    code = "transient"


@dataclass(frozen=True, slots=True)
class ContentFault:
    """One fault in the knowledge: ``file: key: what is wrong; remedy``."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.message}" if self.key else f"{self.file}: {self.message}"


class KnowledgeFault(Exception):
    """cards/ is refused. All faults at once."""

    def __init__(self, faults: tuple[ContentFault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(f) for f in faults))


class SettingsFault(Exception):
    """The settings are refused: each fault one line, with the setting's name and the remedy."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))
