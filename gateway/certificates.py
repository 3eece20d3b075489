"""An authority of this installation's own, and the certificate it gives to this machine: HTTPS in a shop's
network, where no public authority certifies anything.

Files of `tls.folder`: `ca.crt` and `ca.key` are made once and trusted by devices; `server.crt` and
`server.key` are made anew whenever names or time ask for it. Who serves with them is not decided here.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kernel.errors import SetupFault

AUTHORITY_LIFE = timedelta(days=3_650)
SERVER_LIFE = timedelta(days=397)  # browsers refuse longer ones
RENEW_BEFORE = timedelta(days=30)
CLOCK_SLACK = timedelta(days=1)  # a device whose clock is behind takes a certificate made just now
NAMES_MAX = 64
COMMON_NAME_MAX = 64  # characters (RFC 5280, upper bound of a common name)
LOCAL_DOMAINS = ("localhost", "local", "lan", "home.arpa", "internal")
PRIVATE_NETS = (
    *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
    *("::1/128", "fc00::/7", "fe80::/10"),
)
SOMEWHERE = ("198.51.100.1", 9)  # an address for documentation (RFC 5737): only a route is chosen
HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62}\.?)*")

_log = structlog.get_logger("sauda.gateway")

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate as people compare it: "AB:CD:…"."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def der(self) -> bytes:
        """The certificate as devices install it."""
        return self.certificate.public_bytes(serialization.Encoding.DER)


class OwnCertificates:
    """Authority, certificate and the context a server works with; what is missing is made."""

    def __init__(self, folder: Path, names: Sequence[str], *, now: datetime) -> None:
        """names: host names and addresses people reach this machine by. Raises SetupFault when the folder
        cannot be written.
        """
        self._folder = folder
        self._refused: tuple[str, ...] = ()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.authority = self._authority(names, now)
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.minimum_version = ssl.TLSVersion.TLSv1_2
            self._server = self._given(names, now)
            self._serve()
        except OSError as error:
            raise SetupFault([f"tls.folder {folder}: {error.strerror or error}"]) from error

    @property
    def names(self) -> tuple[str, ...]:
        """What the certificate is good for."""
        return _names_in(self._server.certificate)

    def renew(self, names: Sequence[str], *, now: datetime) -> bool:
        """Make a new certificate when names have changed or its end is near; connections to come see it.
        True when there is a new one.
        """
        found = self._given(names, now)
        is_new = found.certificate != self._server.certificate
        if is_new:
            self._server = found
            self._serve()
            _log.info("certificate renewed", names=self.names)
        return is_new

    def _serve(self) -> None:
        self.context.load_cert_chain(self._folder / "server.crt", self._folder / "server.key")

    def _authority(self, names: Sequence[str], now: datetime) -> Holder:
        kept = _read(self._folder, "ca")
        if kept is not None and _is_good(kept.certificate, now):
            return kept
        made = _make_authority(names, now)
        _write(self._folder, "ca", made)
        _log.warning("a new authority: devices must trust it", fingerprint=made.fingerprint)
        return made

    def _given(self, names: Sequence[str], now: datetime) -> Holder:
        """The kept certificate while it does, else a new one."""
        wanted, refused = _permitted(self.authority.certificate, names)
        if refused != self._refused:
            self._refused = refused
            _log.warning(
                "our authority may not certify these; without tls.folder a new one is made", names=refused
            )
        kept = _read(self._folder, "server")
        if (
            kept is not None
            and _is_good(kept.certificate, now)
            and set(_names_in(kept.certificate)) == set(wanted)
            and _is_from(kept.certificate, self.authority.certificate)
        ):
            return kept
        made = _make_server(self.authority, wanted, now)
        _write(self._folder, "server", made)
        return made


def names_of_machine(more: Iterable[str] = ()) -> tuple[str, ...]:
    """Names and addresses by which this machine is reached in its network, and those given; sorted.

    Nothing is sent: the system is only asked which address it would speak from.
    """
    host = socket.gethostname().lower()
    found = {"localhost", "127.0.0.1", "::1", host, *more}
    if "." not in host:
        found.add(f"{host}.local")
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(SOMEWHERE)
        found.add(probe.getsockname()[0])
    with contextlib.suppress(OSError):
        found |= {str(each[4][0]) for each in socket.getaddrinfo(host, None, socket.AF_INET)}
    return tuple(sorted(each for each in found if is_name(each)))[:NAMES_MAX]


def is_name(text: str) -> bool:
    """Whether a certificate can be made for it: a host name in lower case, or an address."""
    return _address(text) is not None or HOST_NAME.fullmatch(text) is not None


def address_for_people(names: Iterable[str]) -> str:
    """Of those names the one to open on another device: an address of the network, else this machine's."""
    addresses = [each for each in map(_address, names) if each is not None and not each.is_loopback]
    addresses.sort(key=lambda each: (each.version, not each.is_private, str(each)))
    return str(addresses[0]) if addresses else "127.0.0.1"


def _make_authority(names: Sequence[str], now: datetime) -> Holder:
    """Good for its machine and for private networks alone: whoever steals its key cannot pass for a bank."""
    title = f"Sauda {socket.gethostname()}"[:COMMON_NAME_MAX]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    nets = [ipaddress.ip_network(each) for each in PRIVATE_NETS]
    own = [each for each in map(_address, names) if each is not None]
    strange = [each for each in own if not any(each in net for net in nets)]
    hosts = [each for each in names if _address(each) is None]
    permitted: list[x509.GeneralName] = [
        *(x509.DNSName(each) for each in dict.fromkeys([*LOCAL_DOMAINS, *hosts])),
        *(x509.IPAddress(each) for each in [*nets, *map(ipaddress.ip_network, strange)]),
    ]
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(name, name, key, now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Holder(certificate, key)


def _make_server(authority: Holder, names: Sequence[str], now: datetime) -> Holder:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sauda")])
    life = min(SERVER_LIFE, authority.certificate.not_valid_after_utc - now)
    issuer = authority.certificate
    certificate = (
        _builder(subject, issuer.subject, key, now, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(each) for each in names]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
        .sign(authority.key, hashes.SHA256())
    )
    return Holder(certificate, key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _permitted(authority: x509.Certificate, names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names the authority may certify, and the others: one of those would make devices refuse them all."""
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    hosts = [each.value for each in limits if isinstance(each, x509.DNSName)]
    nets = [each.value for each in limits if isinstance(each, x509.IPAddress)]

    def is_permitted(name: str) -> bool:
        address = _address(name)
        if address is None:
            return any(name == host or name.endswith(f".{host}") for host in hosts)
        return any(address in net for net in nets if not isinstance(net, _Address))

    permitted = tuple(each for each in names if is_permitted(each))
    return permitted, tuple(each for each in names if each not in permitted)


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _general(name: str) -> x509.GeneralName:
    address = _address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def _names_in(certificate: x509.Certificate) -> tuple[str, ...]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return tuple(str(each.value) for each in names)


def _is_good(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEW_BEFORE


def _is_from(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _read(folder: Path, name: str) -> Holder | None:
    """None when a file is missing, cannot be read as what it should be, or does not fit the other."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())
        key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(key, Key) or key.public_key() != certificate.public_key():
        return None
    return Holder(certificate, key)


def _write(folder: Path, name: str, made: Holder) -> None:
    """Both files appear whole; the key is read by its owner alone. A crash between them leaves a pair that
    does not fit, which is made anew.
    """
    key = made.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    crt = made.certificate.public_bytes(serialization.Encoding.PEM)
    for suffix, content in (("key", key), ("crt", crt)):
        draft = folder / f"{name}.{suffix}.new"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / f"{name}.{suffix}")
