"""Ways to an OFD over real sockets: TLS that proves who answers, a second address that stands in, and the
texts of profiles.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from addons.fiscal_kz.adapters.ofd_client import OfdClient
from addons.fiscal_kz.adapters.ofd_wire import OfdWire
from addons.fiscal_kz.domain.bodies import CashBody
from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import Placement
from addons.fiscal_kz.domain.ways import Tls, Way
from addons.fiscal_kz.services.ports import OfdAnswered, OfdLost, Shipment
from addons.fiscal_kz.settings import FiscalSettings, ProfileKind
from addons.fiscal_kz.tests.patience import LONG_MS, SHORT_MS, in_time
from addons.fiscal_kz.tests.shop import open_shop
from kernel.errors import Refusal
from simulators.listening import Endpoint
from simulators.ofd.faults import Fault, FaultKind
from simulators.ofd.server import OfdSimulator

OFD_ID, TOKEN = 1001, 3_000_000_001
CARD = KkmCard(zone="Asia/Almaty", latitude_e4=432389, longitude_e4=768897, registration_number="1")
DEPOSIT = CashBody(Placement.DEPOSIT, 50_000, 1, "Айгүл")
NUMBERS = Numbers(1, 1, 1, 1_768_451_400_000)
TRIED_MS = 1_000  # it is tried again until then; one handshake must come to its end
SPLIT_MS = 2_000  # half of it is waited for the first address; the second has time on a busy machine too
NAME = "ofd.example.kz"


@dataclass(frozen=True)
class Certificate:
    """A server's certificate signed by itself, good for 127.0.0.1 and NAME."""

    path: Path
    server: ssl.SSLContext


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def make_certificate(folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "OFD of the test")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "ofd.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private = folder / "ofd.key"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path, private)
    return Certificate(path, server)


def shipment_by(way: Way, *, deadline_ms: int = LONG_MS) -> Shipment:
    payload = OfdWire().cash(DEPOSIT, NUMBERS, CARD, version=203)
    return Shipment("kkm", way, 203, OFD_ID, TOKEN, 1, payload, deadline_ms=deadline_ms)


@asynccontextmanager
async def tls_ofd(certificate: Certificate) -> AsyncIterator[tuple[OfdSimulator, OfdClient, Endpoint]]:
    simulator, client = OfdSimulator(tls=certificate.server), OfdClient()
    simulator.add_register(OFD_ID, TOKEN)
    async with simulator.running() as endpoint:
        try:
            yield simulator, client, endpoint
        finally:
            client.close()


@asynccontextmanager
async def two_addresses() -> AsyncIterator[tuple[OfdSimulator, OfdSimulator, OfdClient, Way]]:
    """One OFD behind two addresses: the halves share what the tax side believes."""
    first, second, client = OfdSimulator(), OfdSimulator(), OfdClient()
    second.ledger, second.exchange = first.ledger, first.exchange
    first.add_register(OFD_ID, TOKEN)
    async with first.running() as one, second.running() as two:
        try:
            yield first, second, client, Way(((one.host, one.port), (two.host, two.port)))
        finally:
            client.close()


async def test_an_ofd_with_a_certificate_of_a_known_authority_is_talked_to(certificate: Certificate) -> None:
    async with tls_ofd(certificate) as (simulator, client, endpoint):
        way = Way(((endpoint.host, endpoint.port),), Tls(str(certificate.path)))
        for reqnum in (1, 2):
            token = simulator.ledger.account(OFD_ID).token
            outcome = await client.exchange(replace(shipment_by(way), token=token, reqnum=reqnum))
            assert isinstance(outcome, OfdAnswered), outcome
            assert outcome.code == 0

        assert len(simulator.connections) == 1
        assert simulator.ledger.account(OFD_ID).drawer == 100_000


async def test_behind_an_address_of_a_vpn_the_certificate_is_of_the_name_that_was_given(
    certificate: Certificate,
) -> None:
    async with tls_ofd(certificate) as (_, client, endpoint):
        way = Way(((endpoint.host, endpoint.port),), Tls(str(certificate.path), NAME))

        assert isinstance(await client.exchange(shipment_by(way)), OfdAnswered)


@pytest.mark.parametrize(
    "tls", [Tls(), Tls("ca", "ofd.elsewhere.kz")], ids=["unknown authority", "another name"]
)
async def test_whoever_cannot_prove_to_be_the_ofd_gets_not_a_byte(certificate: Certificate, tls: Tls) -> None:
    async with tls_ofd(certificate) as (simulator, client, endpoint):
        chosen = tls._replace(ca_file=str(certificate.path)) if tls.ca_file else tls
        way = Way(((endpoint.host, endpoint.port),), chosen)

        outcome = await client.exchange(shipment_by(way, deadline_ms=TRIED_MS))

        assert outcome == OfdLost(may_have_arrived=False, reason="certificate")
        assert simulator.exchanges == 0


async def test_an_ofd_without_tls_is_not_talked_to_when_tls_is_wanted() -> None:
    simulator, client = OfdSimulator(), OfdClient()
    async with simulator.running() as endpoint:
        way = Way(((endpoint.host, endpoint.port),), Tls())

        outcome = await client.exchange(shipment_by(way, deadline_ms=TRIED_MS))

        assert isinstance(outcome, OfdLost)
        assert not outcome.may_have_arrived
        assert simulator.exchanges == 0


async def test_a_shop_sells_by_a_profile_with_tls(certificate: Certificate) -> None:
    async with tls_ofd(certificate) as (simulator, client, endpoint):
        profile = (
            f"simulator;{endpoint.host}:{endpoint.port};ОФД;https://ofd.invalid/check;simulator;"
            f"tls ca={certificate.path}"
        )
        async with open_shop(ofd=client, profiles=[profile]) as shop:
            sale = await shop.sell()

        assert sale["state"] == "FISCALIZED"
        assert simulator.ledger.account(OFD_ID).drawer == 20_000


async def test_a_second_address_stands_in_for_one_that_refuses() -> None:
    async with two_addresses() as (first, second, client, way):
        await first.refuse_connections()

        outcome = await client.exchange(shipment_by(way))

        assert isinstance(outcome, OfdAnswered)
        assert (first.exchanges, second.exchanges) == (0, 1)


@pytest.mark.parametrize("is_kept", [False, True])
async def test_silence_at_the_first_address_leaves_time_for_the_second(is_kept: bool) -> None:
    async with two_addresses() as (first, second, client, way):
        account = first.ledger.account(OFD_ID)
        shipment = shipment_by(way)
        if is_kept:
            await client.exchange(shipment)
            shipment = replace(shipment, token=account.token, reqnum=2)
        shipment = replace(shipment, deadline_ms=SPLIT_MS)
        taken = len(account.documents)
        first.faults.arm(Fault(FaultKind.SILENCE_AFTER, times=100))  # it takes the document and never answers

        outcome = await in_time(client.exchange(shipment), SPLIT_MS / 1000)

        assert isinstance(outcome, OfdAnswered)
        assert second.exchanges == 1
        # The same token, number and bytes: the OFD knew its document again and did not take a second one.
        assert (len(account.documents), account.retries) == (taken + 1, 1)


async def test_the_address_that_stood_in_is_asked_first_for_a_while() -> None:
    async with two_addresses() as (first, second, client, way):
        await first.refuse_connections()
        account = first.ledger.account(OFD_ID)
        await client.exchange(shipment_by(way))
        await first.accept_connections()
        client.close()  # whatever was kept: a new connection goes where an answer came from

        await client.exchange(replace(shipment_by(way), token=account.token, reqnum=2))

        assert (first.exchanges, second.exchanges) == (0, 2)
        assert client.first_choice(way) == 1


async def test_both_addresses_together_keep_the_one_deadline() -> None:
    async with two_addresses() as (first, second, client, way):
        for each in (first, second):
            each.faults.arm(Fault(FaultKind.SILENCE_BEFORE, times=100))

        exchange = client.exchange(shipment_by(way, deadline_ms=SHORT_MS))
        outcome = await in_time(exchange, SHORT_MS / 1000 + 0.3)

        assert outcome == OfdLost(may_have_arrived=True, reason="timeout")
        assert (first.exchanges, second.exchanges) == (0, 0)  # armed faults swallow before counting


def test_profiles_name_addresses_kind_and_tls(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("")
    settings = FiscalSettings(
        profiles=(
            f"a;10.0.0.1:7777, ofd.example.kz:7778;ОФД;https://{NAME};real;tls ca={authority} name={NAME}",
            "b;[::1]:1;Стенд;;test",
            "c;127.0.0.1:7777;Симулятор;;simulator;plain",
        )
    )

    real, test, own = (settings.profile(each) for each in "abc")

    assert real.way == Way((("10.0.0.1", 7777), ("ofd.example.kz", 7778)), Tls(str(authority), NAME))
    assert test.way == Way((("::1", 1),))
    assert [each.is_test for each in (real, test, own)] == [False, True, True]
    assert (own.kind, settings.simulator) == (ProfileKind.SIMULATOR, own)
    with pytest.raises(Refusal, match="OFD_PROFILE_UNKNOWN"):
        settings.profile("d")


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a;host;ОФД;;real",
        "a;host:0;ОФД;;real",
        "a;host:65536;ОФД;;real",
        "a;h:1,h:1;ОФД;;real",
        "a;h:1,h:2,h:3;ОФД;;real",
        "a;h:1;ОФД;;sometimes",
        "a;h:1;;;real",
        "a;h:1;ОФД;;real;tls ca=/no/such/file",
        "a;h:1;ОФД;;real;tls verify=no",
        "a;h:1;ОФД;;real;ssl",
        "a;h:1;ОФД;;real;tls;more",
    ],
)
def test_a_profile_that_cannot_be_read_is_told_at_the_start(text: str) -> None:
    with pytest.raises(ValueError, match="is expected"):
        FiscalSettings(profiles=(text,))
