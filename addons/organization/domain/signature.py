"""An electronic signature (ЭЦП): a CMS message over exactly our text, by one signer whose certificate is for
signing, is valid now and leads to an authority this installation believes.

A signature that is mathematically right proves nothing without all of that. Sources: RFC 5652 (CMS), RFC 5280
§6 (paths), the authority's profile as protocols/ncalayer describes it. Revocation is asked elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, core, parser

from kernel.errors import Refusal
from protocols.ncalayer.keys import Certificate, Unknown, digest_of, is_signed_by
from protocols.ncalayer.oids import BIN_PREFIX, GOST_SIGNATURE, IIN_PREFIX

CMS_BYTES_MAX = 64 * 1024
CERTIFICATES_MAX = 20
SEQUENCE = (0, 16)  # class and tag of what a certificate is
PATH_MAX = 5  # certificates from the signer to the root
_PARSING = (ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed. iin, bin: empty when the certificate names none; algorithm: gost or rsa.

    certificate, issuer: in DER, to ask whether it was revoked.
    """

    name: str
    iin: str
    bin: str
    serial: str
    algorithm: str
    certificate: bytes
    issuer: bytes


class Trust:
    """Certificates this installation believes: roots end a path, others help to find one."""

    def __init__(self, certificates: Sequence[bytes]) -> None:
        read = [Certificate.read(each) for each in certificates]
        self.roots = [each for each in read if each.parsed.subject == each.parsed.issuer]
        self.helpers = [each for each in read if each.parsed.subject != each.parsed.issuer]

    def __bool__(self) -> bool:
        return bool(self.roots)


def verify_signature(message: bytes, text: bytes, trust: Trust, *, now: datetime) -> Signer:
    """The signer of exactly this text.

    Raises Refusal: SIGNATURE_MALFORMED, SIGNATURE_SIGNERS, SIGNATURE_OTHER_TEXT, SIGNATURE_WRONG,
    SIGNATURE_ALGORITHM, SIGNATURE_NOT_TRUSTED, SIGNATURE_EXPIRED, SIGNATURE_KEY_KIND.
    """
    if len(message) > CMS_BYTES_MAX:
        raise Refusal("SIGNATURE_MALFORMED", field="signature")
    try:
        signed, info = _opened(message)
        certificates = _certificates(signed)
        leaf = _signer_of(info, certificates)
        _check_text(signed, info, text, leaf)
    except Unknown:
        raise Refusal("SIGNATURE_ALGORITHM", field="signature") from None
    except _PARSING:
        raise Refusal("SIGNATURE_MALFORMED", field="signature") from None
    try:
        issuer = _walk(leaf, certificates, trust, now)
        _check_use(leaf)
        return _signer(leaf, info, issuer)
    except Unknown:
        raise Refusal("SIGNATURE_ALGORITHM", field="signature") from None
    except _PARSING:
        raise Refusal("SIGNATURE_MALFORMED", field="signature") from None


def _opened(message: bytes) -> tuple[cms.SignedData, cms.SignerInfo]:
    envelope = cms.ContentInfo.load(message, strict=True)
    if envelope["content_type"].native != "signed_data":
        raise ValueError("not signed data")
    signed = envelope["content"]
    signers = signed["signer_infos"]
    if len(signers) != 1:
        raise Refusal("SIGNATURE_SIGNERS", field="signature")
    return signed, signers[0]


def _certificates(signed: cms.SignedData) -> list[Certificate]:
    """Those of a message, each in the very bytes it came in."""
    rest: bytes = signed["certificates"].contents
    found: list[Certificate] = []
    while rest:
        kind, _, tag, header, content, trailer = parser.parse(rest)
        der = header + content + trailer
        if (kind, tag) != SEQUENCE or len(found) == CERTIFICATES_MAX:
            raise ValueError("not X.509 certificates, or too many")
        found.append(Certificate.read(der))
        rest = rest[len(der) :]
    return found


def _signer_of(info: cms.SignerInfo, certificates: Sequence[Certificate]) -> Certificate:
    if info["sid"].name != "issuer_and_serial_number":
        raise ValueError("the signer is not named by issuer and number")
    sid = info["sid"].chosen
    for each in certificates:
        if each.parsed.issuer == sid["issuer"] and each.parsed.serial_number == sid["serial_number"].native:
            return each
    raise ValueError("the signer's certificate is not there")


def _check_text(signed: cms.SignedData, info: cms.SignerInfo, text: bytes, leaf: Certificate) -> None:
    content = signed["encap_content_info"]
    if content["content"].native is None or bytes(content["content"].native) != text:
        raise Refusal("SIGNATURE_OTHER_TEXT", field="signature")
    attributes = info["signed_attrs"]
    if attributes.native is None or not len(attributes):
        raise Refusal(
            "SIGNATURE_WRONG", field="signature"
        )  # signed without attributes: content may be swapped
    values = _values(attributes)
    digest = info["digest_algorithm"]["algorithm"].dotted
    if values["1.2.840.113549.1.9.3"] != content["content_type"].dump():
        raise Refusal("SIGNATURE_WRONG", field="signature")
    if core.OctetString.load(values["1.2.840.113549.1.9.4"]).native != digest_of(digest, text):
        raise Refusal("SIGNATURE_OTHER_TEXT", field="signature")
    bound = values.get("1.2.840.113549.1.9.16.2.47")
    if bound is not None and hashlib.sha256(leaf.der).digest() not in bound:
        raise Refusal("SIGNATURE_WRONG", field="signature")  # the certificate was swapped for another one
    # What is signed is the SET itself, not its place in the message: its tag becomes 0x31 again.
    over = b"\x31" + attributes.dump()[1:]
    algorithm = info["signature_algorithm"]["algorithm"].dotted
    if not is_signed_by(leaf.key_info, algorithm, over, info["signature"].native, digest=digest):
        raise Refusal("SIGNATURE_WRONG", field="signature")


def _values(attributes: cms.CMSAttributes) -> dict[str, bytes]:
    """The one value of each signed attribute in DER, by object identifier."""
    values: dict[str, bytes] = {}
    for each in attributes:
        name = each["type"].dotted
        if name in values or len(each["values"]) != 1:
            raise ValueError("an attribute stands there twice")
        values[name] = each["values"][0].dump()
    return values


def _walk(leaf: Certificate, given: Sequence[Certificate], trust: Trust, now: datetime) -> Certificate:
    """The issuer of the leaf, once a path to a root was found and checked."""
    path, current = [leaf], leaf
    for _ in range(PATH_MAX):
        _check_time(current, now)
        root = next((each for each in trust.roots if _has_issued(each, current)), None)
        if root is not None and current != root:
            _check_time(root, now)
            return path[1] if len(path) > 1 else root
        helper = next(
            (each for each in (*trust.helpers, *given) if each not in path and _has_issued(each, current)),
            None,
        )
        if helper is None:
            break
        path.append(helper)
        current = helper
    raise Refusal("SIGNATURE_NOT_TRUSTED", field="signature")


def _has_issued(issuer: Certificate, subject: Certificate) -> bool:
    if issuer.parsed.subject != subject.parsed.issuer or not issuer.parsed.ca:
        return False
    usage = issuer.parsed.key_usage_value
    return usage is not None and "key_cert_sign" in usage.native and issuer.has_signed(subject)


def _check_time(certificate: Certificate, now: datetime) -> None:
    if not certificate.parsed.not_valid_before <= now <= certificate.parsed.not_valid_after:
        raise Refusal("SIGNATURE_EXPIRED", field="signature")


def _check_use(leaf: Certificate) -> None:
    """A key for signing: not an authority's, and not the AUTH key people sign in elsewhere with.

    Source: profile of the authority: EKU emailProtection marks keys for signing, clientAuth for signing in.
    """
    extended = leaf.parsed.extended_key_usage_value
    purposes = set() if extended is None else set(extended.native)
    usage = leaf.parsed.key_usage_value
    uses = set() if usage is None else usage.native
    is_for_signing = "email_protection" in purposes and "client_auth" not in purposes
    if leaf.parsed.ca or not is_for_signing or not uses & {"digital_signature", "non_repudiation"}:
        raise Refusal("SIGNATURE_KEY_KIND", field="signature")


def _signer(leaf: Certificate, info: cms.SignerInfo, issuer: Certificate) -> Signer:
    subject = leaf.parsed.subject.native
    units = subject.get("organizational_unit_name") or []
    unit = next((each for each in _listed(units) if each.startswith(BIN_PREFIX)), "")
    number = next(
        (each for each in _listed(subject.get("serial_number") or "") if each.startswith(IIN_PREFIX)), ""
    )
    algorithm = info["signature_algorithm"]["algorithm"].dotted
    return Signer(
        name=str(next(iter(_listed(subject.get("common_name") or "")), ""))[:200],
        iin=number.removeprefix(IIN_PREFIX)[:12],
        bin=unit.removeprefix(BIN_PREFIX)[:12],
        serial=format(leaf.parsed.serial_number, "x")[:64],
        algorithm="gost" if algorithm == GOST_SIGNATURE else "rsa",
        certificate=leaf.der,
        issuer=issuer.der,
    )


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
