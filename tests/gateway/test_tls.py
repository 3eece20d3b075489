"""HTTPS by an authority of the installation's own: made once, trusted by downloading it, kept good."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from gateway.certificates import (
    AUTHORITY_LIFE,
    SERVER_LIFE,
    OwnCertificates,
    address_for_people,
    names_of_machine,
)
from gateway.server import serving
from gateway.trust import host_to_serve, own_certificates, trusting
from kernel.errors import SetupFault
from kernel.testing import OPENING_DAY
from tests.gateway.shop_house import shop_app

ANSWER_WAIT_S = 60.0
NAMES = ("127.0.0.1", "192.168.1.20", "kassa-pc", "localhost")


def made(folder: Path, names: Sequence[str] = NAMES, *, days: int = 0) -> OwnCertificates:
    """Opened so many days after the first."""
    return OwnCertificates(folder, names, now=OPENING_DAY + timedelta(days=days))


async def test_a_device_takes_the_authority_from_the_page_and_then_trusts_the_server(tmp_path: Path) -> None:
    tls = {"folder": str(tmp_path), "page_port": 0}
    async with shop_app(tls=tls) as app:
        certificates = OwnCertificates(tmp_path, NAMES, now=app.clock.now())
        async with (
            serving(app, port=0, tls=certificates.context) as address,
            trusting(app, certificates, host="127.0.0.1", address=address) as page_address,
            httpx.AsyncClient() as stranger,
        ):
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await stranger.get(f"{address}/health/live")
            page = await stranger.get(page_address, headers={"accept-language": "ru"})
            authority = await stranger.get(f"{page_address}sauda-ca.crt")
            elsewhere = await stranger.get(f"{page_address}graphql")
            trust = ssl.create_default_context(cadata=authority.content)
            async with httpx.AsyncClient(verify=trust) as device:
                live = [await device.get(f"{each}/health/live") for each in (address, _by_name(address))]

    assert address.startswith("https://127.0.0.1:")
    assert "Скачать сертификат" in page.text
    assert "<svg" in page.text
    assert certificates.authority.fingerprint in page.text
    assert f"{address}/pos" in page.text
    assert elsewhere.status_code == 404, "nothing of business without HTTPS"
    assert [each.json() for each in live] == [{"status": "ok"}] * 2


async def test_the_served_certificate_changes_with_the_names_while_the_server_runs(tmp_path: Path) -> None:
    async with shop_app() as app:
        certificates = OwnCertificates(tmp_path, NAMES, now=app.clock.now())
        async with serving(app, port=0, tls=certificates.context) as address:
            trust = ssl.create_default_context(cadata=certificates.authority.der)
            port = httpx.URL(address).port or 0
            before = await asyncio.to_thread(_seen, port, trust)
            is_new = certificates.renew((*NAMES, "192.168.1.77"), now=app.clock.now())
            after = await asyncio.to_thread(_seen, port, trust)

    assert is_new
    assert set(before) == set(NAMES)
    assert set(after) == {*NAMES, "192.168.1.77"}


def test_what_was_made_is_kept_until_its_end_is_near_and_its_keys_are_the_owner_s(tmp_path: Path) -> None:
    first, again = made(tmp_path), made(tmp_path, days=300)
    late = made(tmp_path, days=SERVER_LIFE.days - 20)
    much_later = made(tmp_path, days=AUTHORITY_LIFE.days - 20)

    certificates = [each._server.certificate for each in (first, again, late)]
    assert certificates[0] == certificates[1] != certificates[2]
    assert first.authority.certificate == late.authority.certificate != much_later.authority.certificate
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.key")} == {0o600}


def test_a_torn_pair_is_made_anew(tmp_path: Path) -> None:
    first = made(tmp_path)
    (tmp_path / "server.key").write_bytes((tmp_path / "ca.key").read_bytes())

    assert made(tmp_path)._server.certificate != first._server.certificate


def test_the_authority_is_good_for_this_machine_and_private_networks_alone(tmp_path: Path) -> None:
    certificates = made(tmp_path)
    certificates.renew((*NAMES, "10.1.2.3", "bank.kz", "8.8.8.8", "till.local"), now=OPENING_DAY)
    limits = certificates.authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)

    assert limits.critical
    assert set(certificates.names) == {*NAMES, "10.1.2.3", "till.local"}


def test_names_are_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(self: socket.socket, address: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", nowhere)
    monkeypatch.setattr(socket, "gethostname", lambda: "Kassa-PC")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [(0, 0, 0, "", ("192.168.1.20", 0))])

    names = names_of_machine(["касса.kz", "kassa.example.kz"])

    assert set(names) == {
        *("127.0.0.1", "::1", "192.168.1.20", "kassa-pc", "kassa-pc.local", "kassa.example.kz", "localhost")
    }
    assert address_for_people(names) == "192.168.1.20"
    assert address_for_people(["localhost", "127.0.0.1"]) == "127.0.0.1"


async def test_other_devices_are_served_unless_one_address_is_asked_for(tmp_path: Path) -> None:
    wrong = {"folder": str(tmp_path), "names": ["Касса"]}
    async with shop_app(tls=wrong) as app:
        assert host_to_serve(app, None) == "0.0.0.0"
        assert host_to_serve(app, "127.0.0.1") == "127.0.0.1"
        with pytest.raises(SetupFault, match=r"tls\.names: Касса"):
            own_certificates(app)


def _by_name(address: str) -> str:
    return address.replace("127.0.0.1", "localhost")


def _seen(port: int, trust: ssl.SSLContext) -> list[str]:
    """Names in the certificate that a new connection is shown."""
    with (
        socket.create_connection(("127.0.0.1", port), ANSWER_WAIT_S) as plain,
        trust.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        der = secured.getpeercert(binary_form=True)
    assert der is not None
    names = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    return [
        str(each.value) if isinstance(each.value, ipaddress.IPv4Address) else each.value
        for each in names.value
    ]
