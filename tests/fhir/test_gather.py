"""Gathering, against a real server on loopback: what is given, what is fetched, and every way to fail."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

import pytest
import requests

from cds_service.errors import WrongPatient
from cds_service.fhir.answers import State
from cds_service.fhir.client import MOST_ENTRIES, MOST_REQUESTS, Deadline
from cds_service.fhir.gather import Gathered, gather, lacks_drugs, sent
from cds_service.fhir.references import Reference
from cds_service.protocol.request import FhirAccess, HookRequest
from tests.conftest import TOKEN
from tests.fhir_server import FhirServer, Reply, reply, running

Json = dict[str, object]
CONDITIONS = "Condition?patient=p-1"
DRUG: Json = {"resourceType": "Medication", "id": "m-1", "code": {"text": "methotrexate"}}


class Labs:
    """One topic with two codes."""

    def lab_codes(self, topic: str) -> tuple[str, ...]:
        """The codes of kidneyTests."""
        return ("2160-0", "33914-3") if topic == "kidneyTests" else ()


def condition(its_id: str, patient: str = "p-1") -> Json:
    """A Condition of the patient."""
    return {"resourceType": "Condition", "id": its_id, "subject": {"reference": f"Patient/{patient}"}}


def order(its_id: str, drug: str, **members: object) -> Json:
    """An order that refers to a Medication."""
    about = {"subject": {"reference": "Patient/p-1"}, "medicationReference": {"reference": drug}}
    return {"resourceType": "MedicationRequest", "id": its_id, "status": "active", **about, **members}


def bundle(*resources: Json, **members: object) -> Json:
    """A searchset of resources."""
    return {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources], **members}


def page(following: str, *resources: Json) -> Json:
    """A page with a link to the next."""
    return bundle(*resources, link=[{"relation": "next", "url": following}])


class Gathering(Protocol):
    """Gathers needs for the patient p-1."""

    def __call__(self, *needs: str, server: str | None = ..., token: str | None = ..., seconds: float = ...,
                 drafts: tuple[Json, ...] = ..., may_call: Callable[[str], bool] = ...,
                 prefetch: Json | None = ...) -> Gathered: ...  # fmt: skip


@pytest.fixture
def gathering(http: requests.Session, pool: ThreadPoolExecutor) -> Gathering:
    """Gather with a real session, pool and clock."""

    def run(
        *needs: str,
        server: str | None = None,
        token: str | None = TOKEN,
        seconds: float = 5.0,
        drafts: tuple[Json, ...] = (),
        may_call: Callable[[str], bool] = lambda _: True,
        prefetch: Json | None = None,
    ) -> Gathered:
        access = FhirAccess(server, token) if server else None
        request = HookRequest("order-sign", "h", "p-1", None, None, drafts, fhir=access, prefetch=prefetch)
        deadline = Deadline(seconds, time.monotonic)
        return gather(
            needs, request, http=http, pool=pool, deadline=deadline, terms=Labs(), may_call=may_call
        )

    return run


def test_what_the_prefetch_holds_is_not_fetched(gathering: Gathering, server: FhirServer) -> None:
    """A whole answer, be it null or a Bundle, costs no query."""
    prefetch: Json = {"conditions": bundle(condition("1")), "allergies": None}
    found = gathering("conditions", "allergies", server=server.url, prefetch=prefetch)
    assert found.of("conditions").state is State.GIVEN
    assert found.of("allergies").state is State.KNOWN_EMPTY
    assert server.asked == []


def test_a_missing_key_is_fetched_with_the_token(gathering: Gathering, server: FhirServer) -> None:
    """The query is the template's own, and the token goes with it."""
    server.answers[CONDITIONS] = reply(bundle(condition("1"), total=1))
    server.answers["Observation?patient=p-1&code=2160-0,33914-3"] = reply(bundle(total=0))
    found = gathering("conditions", "kidneyTests", server=server.url, prefetch={})
    assert found.of("conditions").resources == (condition("1"),)
    assert found.of("kidneyTests").state is State.KNOWN_EMPTY
    assert set(server.tokens) == {f"Bearer {TOKEN}"}
    assert len(server.asked) == 2


def test_without_a_token_none_is_sent(gathering: Gathering, server: FhirServer) -> None:
    """An open server is asked without authorization."""
    server.answers[CONDITIONS] = reply(bundle(total=0))
    assert gathering("conditions", server=server.url, token=None).of("conditions").is_whole
    assert server.tokens == [None]


def test_without_a_server_a_missing_key_is_not_gathered(gathering: Gathering) -> None:
    """Missing is not empty."""
    found = gathering("conditions")
    assert found.of("conditions").state is State.NOT_GATHERED
    assert found.of("allergies").state is State.NOT_GATHERED


def test_a_base_that_may_not_be_called_is_not_called(gathering: Gathering, server: FhirServer) -> None:
    """The policy decides, and a refused base is no data."""
    found = gathering("conditions", server=server.url, may_call=lambda base: base != server.url)
    assert found.of("conditions").state is State.NOT_GATHERED
    assert server.asked == []


def test_a_failed_key_is_fetched_once(gathering: Gathering, server: FhirServer) -> None:
    """An OperationOutcome in the prefetch is worth one query, no more."""
    failed: Json = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}
    server.answers[CONDITIONS] = reply(bundle(condition("1")))
    found = gathering("conditions", server=server.url, prefetch={"conditions": failed})
    assert found.of("conditions").state is State.GIVEN
    server.answers.clear()
    again = gathering("conditions", server=server.url, prefetch={"conditions": failed})
    assert again.of("conditions").state is State.FAILED
    assert server.asked == [CONDITIONS, CONDITIONS]


FAULTS = {
    "unauthorised": reply({"resourceType": "OperationOutcome"}, status=401),
    "gone": Reply(b"", status=410),
    "not ready, twice": Reply(b"", status=503),
    "HTML": Reply(b"<html>sign in</html>", content_type="text/html"),
    "XML": Reply(b"<Bundle/>", content_type="application/fhir+xml"),
    "empty": Reply(b""),
    "cut short": Reply(b'{"resourceType": "Bun', length=500),
    "not JSON": Reply(b'{"resourceType": NaN}'),
    "a string": reply("none"),
    "null": Reply(b"null"),
    "another type": reply({"resourceType": "Patient", "id": "p-1"}),
    "an OperationOutcome with 200": reply({"resourceType": "OperationOutcome"}),
    "elsewhere": Reply(b"", status=302, headers=(("Location", "/fhir/other"),)),
    "another patient's": reply(bundle(condition("1", patient="p-2"))),
    "too much": Reply(b'"' + b"x" * 5_100_000 + b'"'),
    "a bomb": Reply(gzip.compress(b'"' + b"x" * 40_000_000 + b'"'), headers=(("Content-Encoding", "gzip"),)),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_every_fault_of_the_server_is_a_failed_need(
    gathering: Gathering, server: FhirServer, fault: Reply
) -> None:
    """Whatever the server does wrong, the need has failed: it is neither empty nor an error of ours."""
    server.answers[CONDITIONS] = fault
    answer = gathering("conditions", server=server.url).of("conditions")
    assert answer.state is State.FAILED
    assert answer.detail
    assert "127.0.0.1" not in answer.detail
    assert "other" not in server.asked


def test_one_call_reads_so_many_entries_and_no_more(gathering: Gathering, server: FhirServer) -> None:
    """Each takes its time to be judged: a need beyond the allowance has failed, and is not cut to what fits."""
    server.answers = {
        CONDITIONS: Reply(
            b'{"resourceType": "Bundle", "entry": [%s]}' % b",".join([b"{}"] * (MOST_ENTRIES + 1))
        ),
        "AllergyIntolerance?patient=p-1": reply(bundle(total=0)),
    }
    found = gathering("conditions", "allergies", server=server.url)
    assert (found.of("conditions").state, found.of("conditions").detail) == (
        State.FAILED,
        "the server sent too much",
    )
    assert found.of("allergies").state is State.KNOWN_EMPTY


def test_a_server_that_is_down_is_a_failed_need(gathering: Gathering) -> None:
    """Refused connections do not wait for the deadline."""
    with running() as gone:
        url = gone.url
    begun = time.monotonic()
    assert gathering("conditions", server=url).of("conditions").state is State.FAILED
    assert time.monotonic() - begun < 1


def test_a_compressed_answer_is_read(gathering: Gathering, server: FhirServer) -> None:
    """A server may compress."""
    packed = gzip.compress(json.dumps(bundle(condition("1"))).encode())
    server.answers[CONDITIONS] = Reply(packed, headers=(("Content-Encoding", "gzip"),))
    assert gathering("conditions", server=server.url).of("conditions").state is State.GIVEN


def test_a_server_that_was_not_ready_is_asked_once_more(gathering: Gathering, server: FhirServer) -> None:
    """One 503 is no reason to know nothing."""
    replies = iter([Reply(b"", status=503), reply(bundle(condition("1")))])
    server.answers[CONDITIONS] = lambda: next(replies)
    assert gathering("conditions", server=server.url).of("conditions").state is State.GIVEN


@pytest.mark.parametrize("slow", [{"delay": 1.2}, {"drip": 0.05}], ids=["hangs", "drips"])
def test_a_slow_server_never_makes_the_call_slower(
    gathering: Gathering, server: FhirServer, slow: dict[str, float]
) -> None:
    """At the deadline the call goes on with what has arrived."""
    server.answers[CONDITIONS] = reply(bundle(condition("1")), **slow)
    server.answers["AllergyIntolerance?patient=p-1"] = reply(bundle(total=0))
    begun = time.monotonic()
    found = gathering("conditions", "allergies", server=server.url, seconds=0.4)
    assert time.monotonic() - begun < 0.6
    assert found.of("conditions").detail == "the server did not answer in time"
    assert found.of("conditions").state is State.FAILED
    assert found.of("allergies").state is State.KNOWN_EMPTY


def test_needs_are_fetched_at_the_same_time(gathering: Gathering, server: FhirServer) -> None:
    """Four slow queries take as long as one."""
    server.otherwise = reply(bundle(total=0), delay=0.2)
    begun = time.monotonic()
    gathering(
        "conditions", "allergies", "serviceRequests", "medicationRequests", "kidneyTests", server=server.url
    )
    assert time.monotonic() - begun < 0.6
    assert len(server.asked) == 5


def test_pages_are_followed(gathering: Gathering, server: FhirServer) -> None:
    """All pages together are the answer."""
    server.answers[CONDITIONS] = reply(page(f"{server.url}?page=2", condition("1")))
    server.answers["/fhir?page=2"] = reply(page("Condition?page=3", condition("2")))
    server.answers["Condition?page=3"] = reply(bundle(condition("3"), total=3))
    answer = gathering("conditions", server=server.url).of("conditions")
    assert (answer.state, len(answer.resources)) == (State.GIVEN, 3)


def test_the_rest_of_a_prefetched_page_is_fetched(gathering: Gathering, server: FhirServer) -> None:
    """A page in the prefetch is the first of several; the query itself is not repeated."""
    server.answers["Condition?page=2"] = reply(bundle(condition("2")))
    prefetch: Json = {"conditions": page(f"{server.url}/Condition?page=2", condition("1"))}
    answer = gathering("conditions", server=server.url, prefetch=prefetch).of("conditions")
    assert (answer.state, len(answer.resources)) == (State.GIVEN, 2)
    assert server.asked == ["Condition?page=2"]


def test_a_page_without_a_server_is_incomplete(gathering: Gathering) -> None:
    """What is on the page is used; that there is more is said."""
    prefetch: Json = {"conditions": page("https://ehr.example.org/fhir?page=2", condition("1"))}
    answer = gathering("conditions", prefetch=prefetch).of("conditions")
    assert (answer.state, answer.resources) == (State.INCOMPLETE, (condition("1"),))


def test_a_page_elsewhere_is_not_followed(gathering: Gathering, server: FhirServer) -> None:
    """The token never leaves for another origin, nor for another path of the same one."""
    with running() as other:
        elsewhere = [
            f"{other.url}/Condition?page=2",
            server.url.replace("/fhir", "/admin?x"),
            server.url.replace("127.0.0.1", "127.0.0.1@evil.example"),
            "//evil.example/fhir?p=2",
            "file:///etc/x",
        ]
        for following in elsewhere:
            server.answers[CONDITIONS] = reply(page(following, condition("1")))
            answer = gathering("conditions", server=server.url).of("conditions")
            assert (answer.state, len(answer.resources)) == (State.INCOMPLETE, 1)
        assert other.asked == []
    assert set(server.asked) == {CONDITIONS}


def test_pages_without_end_end(gathering: Gathering, server: FhirServer) -> None:
    """A page that points to itself, or on and on, is left after a few."""
    server.answers[CONDITIONS] = reply(page(f"{server.url}/Condition?page=2", condition("1")))
    server.answers["Condition?page=2"] = reply(page(f"{server.url}/Condition?page=2", condition("2")))
    assert gathering("conditions", server=server.url).of("conditions").state is State.INCOMPLETE
    numbers = iter(range(100))
    server.otherwise = Reply()
    endless = {f"Condition?n={n}": reply(page(f"Condition?n={n + 1}", condition(str(n)))) for n in numbers}
    server.answers = {CONDITIONS: endless["Condition?n=0"], **endless}
    server.asked.clear()
    assert gathering("conditions", server=server.url).of("conditions").state is State.INCOMPLETE
    assert len(server.asked) <= 5


def test_a_better_prefetch_is_not_lost_to_a_worse_fetch(gathering: Gathering, server: FhirServer) -> None:
    """An incomplete list stays when the server fails."""
    prefetch: Json = {"conditions": bundle(condition("1"), total=9)}
    answer = gathering("conditions", server=server.url, prefetch=prefetch).of("conditions")
    assert (answer.state, len(answer.resources)) == (State.INCOMPLETE, 1)
    assert server.asked == [CONDITIONS]


def test_a_drug_that_is_only_referred_to_is_fetched(gathering: Gathering, server: FhirServer) -> None:
    """The drug of a draft, and of an order of the chart, each once, within the same call."""
    other: Json = {"resourceType": "Medication", "id": "m-2"}
    server.answers["Medication/m-1"] = reply(DRUG)
    server.answers["Medication/m-2"] = reply(other)
    prefetch: Json = {
        "medicationRequests": bundle(order("a", "Medication/m-2"), order("b", "Medication/m-1"))
    }
    found = gathering(
        "medicationRequests", server=server.url, prefetch=prefetch, drafts=(order("d", "Medication/m-1"),)
    )
    assert found.index.get(Reference("Medication", "m-1")) == DRUG
    assert found.index.get(Reference("Medication", "m-2")) == other
    assert sorted(server.asked) == ["Medication/m-1", "Medication/m-2"]


def test_a_drug_at_hand_is_not_fetched(gathering: Gathering, server: FhirServer) -> None:
    """Contained, beside the draft, or in the prefetch: nothing is asked."""
    contained = order("a", "#m", contained=[{**DRUG, "id": "m"}])
    prefetch: Json = {"medicationRequests": bundle(order("b", "Medication/m-9"), {**DRUG, "id": "m-9"})}
    drafts = (order("d", "Medication/m-1"), DRUG, contained)
    gathering("medicationRequests", server=server.url, prefetch=prefetch, drafts=drafts)
    assert server.asked == []


def test_many_drugs_do_not_make_many_calls(gathering: Gathering, server: FhirServer) -> None:
    """There is an end to what one call may ask, and the drugs still taken come first."""
    old = [order(f"o{n}", f"Medication/old-{n}", status="completed") for n in range(60)]
    prefetch: Json = {"medicationRequests": bundle(*old, order("b", "Medication/m-1"))}
    gathering("medicationRequests", server=server.url, prefetch=prefetch)
    assert len(server.asked) <= MOST_REQUESTS
    assert "Medication/m-1" in server.asked


def test_a_prefetch_of_another_patient_is_refused(gathering: Gathering) -> None:
    """The whole call is wrong, and the fault names no id."""
    with pytest.raises(WrongPatient) as refused:
        gathering("conditions", prefetch={"conditions": bundle(condition("secret", patient="p-2"))})
    assert "secret" not in str(refused.value)
    with pytest.raises(WrongPatient):
        gathering("patient", prefetch={"patient": {"resourceType": "Patient", "id": "p-2"}})


def test_a_patient_known_by_url_is_the_patient(gathering: Gathering) -> None:
    """Absolute, versioned and urn references to the patient are the patient."""
    forms = ["Patient/p-1", "https://h/fhir/Patient/p-1/_history/3", "urn:uuid:aa"]
    rows = [{**condition(str(n)), "subject": {"reference": each}} for n, each in enumerate(forms)]
    listed = bundle(*rows)
    person = {"fullUrl": "urn:uuid:AA", "resource": {"resourceType": "Patient", "id": "p-1"}}
    prefetch: Json = {"conditions": listed, "patient": {"resourceType": "Bundle", "entry": [person]}}
    assert gathering("conditions", "patient", prefetch=prefetch).of("conditions").is_whole
    person["resource"] = {"resourceType": "Patient", "id": "p-2"}
    with pytest.raises(WrongPatient):
        gathering("conditions", prefetch=prefetch)


def test_the_patient_id_cannot_change_the_query(
    http: requests.Session, pool: ThreadPoolExecutor, server: FhirServer
) -> None:
    """An id is put into the address as an id, whatever characters it has."""
    request = HookRequest("patient-view", "h", "p-1&_include=*", None, None, fhir=FhirAccess(server.url))
    deadline = Deadline(2, time.monotonic)
    gather(["conditions"], request, http=http, pool=pool, deadline=deadline, terms=Labs(),
           may_call=lambda _: True)  # fmt: skip
    assert server.asked == ["Condition?patient=p-1%26_include%3D%2A"]


@pytest.mark.parametrize("token", ["a\r\nX: y", "a b", "ä", "x" * 20_000, ""])
def test_a_token_that_is_none_is_not_sent(gathering: Gathering, server: FhirServer, token: str) -> None:
    """A token that could forge a header reaches no server."""
    found = gathering("conditions", server=server.url, token=token)
    assert found.of("conditions").state is State.FAILED
    assert server.asked == []


def test_nothing_of_the_environment_is_used(
    gathering: Gathering, server: FhirServer, monkeypatch: pytest.MonkeyPatch, http: requests.Session
) -> None:
    """Neither a proxy nor cookies of an earlier answer change a call."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    http.trust_env = True
    told = bundle(total=0)
    server.answers[CONDITIONS] = reply(told, headers=(("Set-Cookie", "a=b; Path=/"),))
    assert gathering("conditions", server=server.url).of("conditions").is_whole
    assert gathering("conditions", server=server.url).of("conditions").is_whole
    assert ["Cookie" in each for each in server.headers] == [False, False]


def test_another_patients_data_beside_the_answer_are_refused(
    gathering: Gathering, server: FhirServer
) -> None:
    """What came along with the answer to a query is used as well, so it is looked at as well."""
    result: Json = {"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/p-2"}}
    with pytest.raises(WrongPatient):
        gathering("conditions", prefetch={"conditions": bundle(condition("1"), result)})
    server.answers[CONDITIONS] = reply(bundle(condition("1"), result))
    assert gathering("conditions", server=server.url).of("conditions").state is State.FAILED


def test_what_came_with_the_call_is_known_before_anything_is_asked() -> None:
    """The drug beside the draft and the drug in any prefetch key are at hand without a query."""
    drafts = (
        order("d", "Medication/m-1"),
        DRUG,
        order("e", "Medication/m-2"),
        order("f", "#m", contained=[]),
    )
    prefetch: Json = {"medicationRequests": bundle({**DRUG, "id": "m-2"})}
    request = HookRequest("order-sign", "h", "p-1", None, None, drafts, prefetch=prefetch)
    assert not lacks_drugs(request, sent(request))
    assert lacks_drugs(request, sent(replace(request, prefetch=None)))
