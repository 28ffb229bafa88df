"""A call to a service, read into one object, or refused with every fault it has.

Members the specification does not know are passed over.
https://cds-hooks.hl7.org/2.0/#calling-a-cds-service
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cds_service.errors import BadRequest, Fault, WrongPatient
from cds_service.protocol.contexts import HOOKS, read_context
from cds_service.protocol.reader import Reader

Resource = dict[str, object]


@dataclass(frozen=True, slots=True)
class FhirAccess:
    """The client's FHIR server. ``token`` is lent for this call: it is never stored, logged or printed.

    ``token`` is ``None`` where the client named a server without authorization. ``patient`` is the one
    patient the token is bound to, where the client says so.
    """

    server: str
    token: str | None = field(default=None, repr=False)
    patient: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call, well-formed.

    ``draft_orders`` are the orders on the screen (resources as received), ``selections`` those just
    selected (``MedicationRequest/x``; empty on other hooks than order-select), ``proposals`` the other
    resources being entered (appointments, conditions). ``prefetch`` is as received: an absent key, ``None``
    and a resource mean three different things; ``None`` for the whole is "no prefetch at all".
    """

    hook: str
    hook_instance: str
    patient_id: str = field(repr=False)
    user_id: str | None = field(repr=False)
    encounter_id: str | None = field(repr=False)
    draft_orders: tuple[Resource, ...] = field(default=(), repr=False)
    selections: frozenset[str] = field(default=frozenset(), repr=False)
    proposals: tuple[Resource, ...] = field(default=(), repr=False)
    fhir: FhirAccess | None = None
    prefetch: Mapping[str, object] | None = field(default=None, repr=False)
    context: Mapping[str, object] = field(default_factory=dict, repr=False)


def parse_request(body: object, service_hook: str) -> HookRequest:
    """Read a decoded body as a call to a service of ``service_hook``.

    Raises :class:`BadRequest` with all faults, and :class:`WrongPatient` for a well-formed call whose
    token is bound to another patient than its context.
    """
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    faults: list[Fault] = []
    call = Reader(body, faults)
    request = _read(call, service_hook)
    if faults:
        raise BadRequest(*faults)
    if request.fhir and request.fhir.patient not in (None, request.patient_id):
        raise WrongPatient(
            Fault("fhirAuthorization.patient is not context.patientId", "fhirAuthorization.patient")
        )
    return request


def _read(call: Reader, service_hook: str) -> HookRequest:
    hook = call.text("hook", required=True)
    if hook is not None and hook != service_hook:
        call.fault("hook", f"must be {service_hook}, the hook of this service")
    hook_instance = call.text("hookInstance", required=True)
    members = call.inner("context", required=True)
    # Where there is no context there is nothing more to find fault with in it.
    context = read_context(HOOKS[service_hook], members) if members else None
    prefetch = call.inner("prefetch")
    return HookRequest(
        hook=service_hook,
        hook_instance=hook_instance or "",
        patient_id=context.patient_id if context else "",
        user_id=context.user_id if context else None,
        encounter_id=context.encounter_id if context else None,
        draft_orders=context.orders if context else (),
        selections=context.selections if context else frozenset(),
        proposals=context.proposals if context else (),
        fhir=_fhir_access(call),
        prefetch=prefetch.members if prefetch else None,
        context=members.members if members else {},
    )


def _fhir_access(call: Reader) -> FhirAccess | None:
    server = _server(call)
    authorization = call.inner("fhirAuthorization")
    if authorization is None:
        return FhirAccess(server) if server else None
    if call.members.get("fhirServer") is None:
        call.fault("fhirServer", "is required where fhirAuthorization is given")
    token = authorization.text("access_token", required=True)
    kind = authorization.text("token_type")
    patient = authorization.fhir_id("patient")
    if server is None or (kind is not None and kind.lower() != "bearer"):
        return None  # a token of another type is not ours to send
    return FhirAccess(server, token, patient)


def _server(call: Reader) -> str | None:
    address = call.text("fhirServer")
    if address is None or _is_web_address(address):
        return address
    call.fault("fhirServer", "must be an absolute http or https address")
    return None


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
