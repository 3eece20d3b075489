"""A mail server on this machine that answers as it is told, and an application that sends through it."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kernel.addons.registry import Registry
from kernel.app import App
from kernel.clock import FrozenClock
from kernel.data.work import Work
from kernel.mail import Letter, post
from kernel.security.principal import SYSTEM
from kernel.testing import OPENING_DAY, running_app

ALMA = "018f2f6e-0000-7000-8000-00000000a1aa"
OF_ALMA = SYSTEM.within(ALMA)  # type: ignore[arg-type]
SENDER = "kassa@example.kz"


@dataclass
class PostOffice:
    """Takes letters; `answers` gives what it says instead of yes, by its reader."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    answer_to_data: str = "250 2.0.0 queued"
    is_mute_after_data: bool = False
    silenced_by: str = ""  # a reader at whose name the line is cut
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        """What was taken, parsed."""
        return [
            cast(EmailMessage, message_from_bytes(cast(bytes, each.content), policy=policy.default))
            for each in self.envelopes
        ]

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Yes, or what was agreed."""
        if address == self.silenced_by:
            server.transport.abort()
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the letter; then perhaps cut the line before saying so."""
        if self.answer_to_data.startswith("2"):
            self.envelopes.append(envelope)
        if self.is_mute_after_data:
            server.transport.abort()
        return self.answer_to_data

    def log_in(self, server: SMTP, session: Session, envelope: Envelope, how: str, data: Any) -> AuthResult:
        """Only with the right password."""
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


@asynccontextmanager
async def post_office(*, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[PostOffice]:
    """An open post office on a free port."""
    office = PostOffice()

    lines: list[SMTP] = []

    def connected() -> SMTP:
        with warnings.catch_warnings():  # about passwords without TLS: here the line is inside this process
            warnings.simplefilter("ignore")
            lines.append(SMTP(office, loop=loop, hostname="post", authenticator=office.log_in, **options))
        return lines[-1]

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connected, "127.0.0.1", 0, ssl=tls)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()
        for line in lines:
            if line.transport is not None:
                line.transport.abort()
        for _ in range(3):  # the loop closes sockets a turn later
            await asyncio.sleep(0)


@asynccontextmanager
async def writing_house(
    port: int, *, registry: Registry | None = None, url: str | None = None, **mail: object
) -> AsyncIterator[tuple[App, FrozenClock]]:
    """An application without add-ons whose letters go to that port."""
    settings: Mapping[str, object] = {
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "sender": SENDER,
        **mail,
    }
    clock = FrozenClock(OPENING_DAY)
    registry = registry or empty_registry()
    async with running_app(registry=registry, url=url, settings={"mail": settings}, clock=clock) as app:
        yield app, clock


def empty_registry() -> Registry:
    """No add-ons: the kernel sends letters by itself."""
    registry = Registry()
    registry.freeze()
    return registry


async def posted(app: App, *letters: Letter) -> list[bool]:
    """Post each on behalf of Alma."""

    async def all_of_them(work: Work) -> list[bool]:
        return [await post(work, letter) for letter in letters]

    return await app.database.transact(all_of_them, principal=OF_ALMA)


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS with a certificate of its own for this machine, and the file to trust it by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "post")])
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, key_path = folder / "post.pem", folder / "post.key"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, key_path)
    return context, path
