"""The file of trusted clients is read whole or refused with every fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from cds_service.errors import SettingsFault
from cds_service.protocol.addresses import parse_base
from cds_service.protocol.clients import Clients, read_clients, strange_services

KEY = json.dumps(ECKey.generate_key("P-384").as_dict(private=False))
GOOD = """
clients:
  - issuer: https://ehr.example.org
    jwks_url: https://ehr.example.org/jwks
    fhir_bases: [https://ehr.example.org/fhir]
    profile: our-epic
    tenants:
      north: {fhir_bases: [https://north.example.org/fhir]}
      south: {}
profiles:
  our-epic: {base: epic, one_action: false, hooks: null}
"""


def read(tmp_path: Path, text: str, *, production: bool = True) -> Clients:
    """Read a file of this text."""
    path = tmp_path / "clients.yaml"
    path.write_text(text, encoding="utf-8")
    return read_clients(path, production=production)


def test_a_client_is_read_with_its_defaults(tmp_path: Path) -> None:
    """ES384 and RS384, a minute of leeway, an hour of life, each token once."""
    (client,) = read(tmp_path, GOOD)
    assert client.algorithms == ("ES384", "RS384")
    assert (client.leeway, client.longest_life, client.reuse_tokens) == (60, 3600, False)


def test_a_tenant_may_have_its_own_fhir_bases(tmp_path: Path) -> None:
    """The bases of a tenant replace those of its client; a tenant without has the client's."""
    (client,) = read(tmp_path, GOOD)
    assert client.bases("north") == (parse_base("https://north.example.org/fhir"),)
    assert client.bases("south") == client.bases(None) == (parse_base("https://ehr.example.org/fhir"),)


def test_a_site_profile_changes_what_it_names(tmp_path: Path) -> None:
    """The rest is as in the profile it starts from; null lifts a limit."""
    clients = read(tmp_path, GOOD)
    (client,) = clients
    profile = clients.profile(client)
    assert (profile.name, profile.one_action, profile.hooks) == ("our-epic", False, None)
    assert profile.selection_behaviors == {"any"}


def test_keys_may_be_written_in_the_file(tmp_path: Path) -> None:
    """A client without a JWKS address has its public keys in the file, as YAML or JSON."""
    text = f'clients: [{{issuer: i, jwks: {{keys: [{KEY[:-1]}, "kid": "a"}}]}}}}]'
    (client,) = read(tmp_path, text)
    assert client.keys is not None
    assert set(client.keys) == {"a"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("clients: []", "clients"),
        ("[", "YAML"),
        ("clients: [{issuer: i}]", "jwks_url or jwks"),
        ("clients: [{issuer: i, jwks_url: 'https://a.example/k', jwks: {keys: []}}]", "jwks_url or jwks"),
        ("clients: [{issuer: i, jwks: {}}]", "JWK Set"),
        (
            "clients: [{issuer: i, jwks: {keys: [{kty: oct, k: c2VjcmV0, kid: a}]}}]",
            "no public signature key",
        ),
        ("clients: [{issuer: i, jwks_url: 'https://a@b.example/k'}]", "clients[0].jwks_url"),
        ("clients: [{issuer: i, jwks: {keys: []}, colour: red}]", "clients[0].colour"),
        ("clients: [{issuer: i, jwks: {keys: []}, algorithms: [HS256]}]", "algorithms"),
        ("clients: [{issuer: i, jwks: {keys: []}, algorithms: [none]}]", "algorithms"),
        ("clients: [{issuer: i, jwks: {keys: []}, leeway: 301}]", "leeway"),
        ("clients: [{issuer: i, jwks: {keys: []}, fhir_bases: ['ehr.example.org']}]", "fhir_bases[0]"),
        ("clients: [{issuer: i, jwks: {keys: []}, profile: epik}]", "there are epic, oracle"),
        ("clients: [{issuer: i, jwks: {keys: []}}, {issuer: i, jwks: {keys: []}}]", "clients[1].issuer"),
        ("clients: [{issuer: i, jwks: {keys: []}}]\nprofiles: {epic: {}}", "profiles.epic"),
        ("clients: [{issuer: i, jwks_url: 'http://a.example/k'}]", "https only"),
        ("clients: [{issuer: i, jwks: {keys: []}, fhir_bases: ['http://a.example']}]", "https only"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    """Each line begins with the setting and names the client and the member."""
    with pytest.raises(SettingsFault) as caught:
        read(tmp_path, text)
    assert all(fault.startswith("CDS_CLIENTS: ") and "\n" not in fault for fault in caught.value.faults)
    assert said in str(caught.value)


def test_development_may_use_http(tmp_path: Path) -> None:
    """On a developer's machine the servers of a client may answer over http."""
    text = "clients: [{issuer: i, jwks_url: 'http://127.0.0.1:9/k', fhir_bases: ['http://127.0.0.1:9']}]"
    assert list(read(tmp_path, text, production=False))


def test_a_fault_is_told_once(tmp_path: Path) -> None:
    """Not again by every list around it, and in our words."""
    with pytest.raises(SettingsFault) as caught:
        read(tmp_path, "clients: [{issuer: i}]")
    assert caught.value.faults == ("CDS_CLIENTS: clients[0]: give either jwks_url or jwks",)
    with pytest.raises(SettingsFault) as caught:
        read(tmp_path, "clients: []")
    assert len(caught.value.faults) == 1


def test_a_service_that_is_not_on_offer_is_found(tmp_path: Path) -> None:
    """A slip in a name would lock the client out without a word."""
    clients = read(
        tmp_path,
        "clients: [{issuer: i, jwks_url: 'https://a.example/k', services: [dm, dn],"
        " audiences: {dm: [a], dm/feedback: [a], '*': [a], discovery: [a], dn/feedback: [a]}}]",
    )
    assert list(strange_services(clients, ["dm"])) == [
        "clients[0].services: no service is named dn",
        "clients[0].audiences: no service is named dn/feedback",
    ]
