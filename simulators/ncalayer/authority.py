"""Authorities and certificates made up on the spot, RSA or GOST, and CMS messages signed with them.

Everything that can be wrong with a certificate or a message can be asked for: tests of a verifier need it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import algos, cms, core, crl, keys, ocsp, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from protocols.ncalayer.gost3410 import Q, public_key, sign
from protocols.ncalayer.oids import (
    BIN_PREFIX,
    GOST_CURVE_A,
    GOST_HASH,
    GOST_KEY,
    GOST_SIGNATURE,
    IIN_PREFIX,
    POLICY_COMPANY,
    POLICY_HEAD,
    POLICY_PERSON,
)
from protocols.ncalayer.streebog import streebog512

SHA256 = "2.16.840.1.101.3.4.2.1"
SHA256_RSA = "1.2.840.113549.1.1.11"
BOUND = "1.2.840.113549.1.9.16.2.47"  # signingCertificateV2: which certificate was signed with
YEAR = timedelta(days=365)
SIGNING, AUTHENTICATION = "email_protection", "client_auth"


class Key:
    """A private key of either kind."""

    def __init__(self, *, is_gost: bool) -> None:
        self.is_gost = is_gost
        self._gost = 1 + secrets.randbelow(Q - 1)
        self._rsa = None if is_gost else rsa.generate_private_key(65537, 2048)

    @property
    def signature_algorithm(self) -> str:
        """Object identifier of signatures made with it."""
        return GOST_SIGNATURE if self.is_gost else SHA256_RSA

    @property
    def digest_algorithm(self) -> str:
        """Object identifier of the hash that goes with it."""
        return GOST_HASH if self.is_gost else SHA256

    def sign(self, message: bytes) -> bytes:
        """A signature over a message."""
        if self._rsa is None:
            return sign(self._gost, message)
        return self._rsa.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def digest(self, content: bytes) -> bytes:
        """The digest that stands in signed attributes."""
        return streebog512(content) if self.is_gost else hashlib.sha256(content).digest()

    @property
    def info(self) -> keys.PublicKeyInfo:
        """SubjectPublicKeyInfo."""
        if self._rsa is not None:
            public = self._rsa.public_key()
            der = public.public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            return keys.PublicKeyInfo.load(der)
        parameters = _sequence(core.ObjectIdentifier(GOST_CURVE_A), core.ObjectIdentifier(GOST_HASH))
        algorithm = _sequence(core.ObjectIdentifier(GOST_KEY), parameters)
        bits = core.OctetBitString(core.OctetString(public_key(self._gost)).dump())
        return keys.PublicKeyInfo.load(_sequence(algorithm, bits).dump())


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody's key with the certificate it belongs to, and those above it."""

    key: Key
    der: bytes
    above: tuple[bytes, ...] = ()

    @property
    def certificate(self) -> x509.Certificate:
        """Read anew each time: what was looked into is written differently."""
        return x509.Certificate.load(self.der, strict=True)


def make_root(*, is_gost: bool, now: datetime, title: str = "SAUDA TEST ROOT") -> Holder:
    """An authority that signed itself."""
    key = Key(is_gost=is_gost)
    name = x509.Name.build({"common_name": f"{title} ({'GOST' if is_gost else 'RSA'})", "country_name": "KZ"})
    certificate = _certificate(key, name, key, name, now=now, is_ca=True, purposes=(), policies=())
    return Holder(key, certificate)


def make_authority(root: Holder, *, now: datetime, is_ca: bool = True) -> Holder:
    """An authority below another one."""
    key = Key(is_gost=root.key.is_gost)
    name = x509.Name.build({"common_name": f"SAUDA TEST CA {secrets.token_hex(3)}", "country_name": "KZ"})
    certificate = _certificate(
        key, name, root.key, root.certificate.subject, now=now, is_ca=is_ca, purposes=(), policies=()
    )
    return Holder(key, certificate, (root.der,))


def make_person(
    authority: Holder,
    *,
    now: datetime,
    iin: str = "900101300001",
    bin_: str = "",
    name: str = "АХМЕТОВА АЙГУЛЬ",
    purposes: Sequence[str] = (SIGNING,),
    not_after: datetime | None = None,
    is_ca: bool = False,
    revocation_urls: tuple[str, str] | None = None,
) -> Holder:
    """A person, or with bin_ the head of a company. revocation_urls: of OCSP and of the list."""
    key = Key(is_gost=authority.key.is_gost)
    parts: dict[str, Any] = {"common_name": name, "serial_number": f"{IIN_PREFIX}{iin}", "country_name": "KZ"}
    policies: tuple[str, ...] = (POLICY_PERSON,)
    if bin_:
        parts["organization_name"] = "ТОО «ТЕСТ»"
        parts["organizational_unit_name"] = f"{BIN_PREFIX}{bin_}"
        policies = (POLICY_COMPANY, POLICY_HEAD)
    certificate = _certificate(
        key,
        x509.Name.build(parts),
        authority.key,
        authority.certificate.subject,
        now=now,
        is_ca=is_ca,
        purposes=purposes,
        policies=policies,
        not_after=not_after,
        revocation_urls=revocation_urls,
    )
    return Holder(key, certificate, (authority.der, *authority.above))


def sign_cms(
    holder: Holder,
    content: bytes,
    *,
    now: datetime,
    is_attached: bool = True,
    with_attributes: bool = True,
    digest: bytes | None = None,
    signers: int = 1,
    extra: Sequence[bytes] = (),
) -> bytes:
    """A CMS message as NCALayer makes it: signer, attributes of CAdES-BES, certificates."""
    infos = [_signer_info(holder, content, now, with_attributes=with_attributes, digest=digest)] * signers
    algorithm = algos.DigestAlgorithm({"algorithm": holder.key.digest_algorithm}).dump()
    data = cms.ContentType("data").dump()
    if is_attached:
        data += _tlv(0xA0, core.OctetString(content).dump())
    # Put together by hand: certificates must stand there in the very bytes that were signed.
    signed = b"".join(
        (
            cms.CMSVersion("v1").dump(),
            _tlv(0x31, algorithm),
            _tlv(0x30, data),
            _tlv(0xA0, b"".join((holder.der, *extra))),
            _tlv(0x31, b"".join(each.dump() for each in infos)),
        )
    )
    return _tlv(0x30, cms.ContentType("signed_data").dump() + _tlv(0xA0, _tlv(0x30, signed)))


def _tlv(tag: int, content: bytes) -> bytes:
    """One element of DER."""
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def _signer_info(
    holder: Holder, content: bytes, now: datetime, *, with_attributes: bool, digest: bytes | None
) -> cms.SignerInfo:
    key = holder.key
    values: dict[str, Any] = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number",
            cms.IssuerAndSerialNumber(
                {
                    "issuer": holder.certificate.issuer,
                    "serial_number": holder.certificate.serial_number,
                }
            ),
        ),
        "digest_algorithm": {"algorithm": key.digest_algorithm},
        "signature_algorithm": {"algorithm": key.signature_algorithm},
    }
    over = content
    if with_attributes:
        bound = _sequence(_sequence(_sequence(core.OctetString(hashlib.sha256(holder.der).digest()))))
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
                cms.CMSAttribute({"type": "signing_time", "values": [cms.Time("utc_time", now)]}),
                cms.CMSAttribute({"type": "message_digest", "values": [digest or key.digest(content)]}),
                cms.CMSAttribute.load(_sequence(core.ObjectIdentifier(BOUND), _set(bound)).dump()),
            ]
        )
        over = attributes.dump()
        values["signed_attrs"] = attributes
    values["signature"] = key.sign(over)
    return cms.SignerInfo(values)


def _certificate(
    key: Key,
    subject: x509.Name,
    issuer_key: Key,
    issuer: x509.Name,
    *,
    now: datetime,
    is_ca: bool,
    purposes: Sequence[str],
    policies: Sequence[str],
    not_after: datetime | None = None,
    revocation_urls: tuple[str, str] | None = None,
) -> bytes:
    usage = {"key_cert_sign", "crl_sign"} if is_ca else {"digital_signature", "non_repudiation"}
    extensions: list[dict[str, Any]] = [
        {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": is_ca}},
        {"extn_id": "key_usage", "critical": True, "extn_value": x509.KeyUsage(usage)},
    ]
    if purposes:
        extensions.append({"extn_id": "extended_key_usage", "critical": False, "extn_value": list(purposes)})
    if policies:
        listed = [{"policy_identifier": each} for each in policies]
        extensions.append({"extn_id": "certificate_policies", "critical": False, "extn_value": listed})
    if revocation_urls:
        ocsp_url, list_url = (
            x509.GeneralName("uniform_resource_identifier", each) for each in revocation_urls
        )
        access = [{"access_method": "ocsp", "access_location": ocsp_url}]
        points = [{"distribution_point": x509.DistributionPointName("full_name", [list_url])}]
        extensions += [
            {"extn_id": "authority_information_access", "critical": False, "extn_value": access},
            {"extn_id": "crl_distribution_points", "critical": False, "extn_value": points},
        ]
    algorithm = {"algorithm": issuer_key.signature_algorithm}
    tbs = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": secrets.randbits(63) | 1,
            "signature": algorithm,
            "issuer": issuer,
            "validity": {
                "not_before": _time(now - YEAR),
                "not_after": _time(not_after or now + YEAR),
            },
            "subject": subject,
            "subject_public_key_info": key.info,
            "extensions": extensions,
        }
    )
    values = {"tbs_certificate": tbs, "signature_algorithm": algorithm}
    made = x509.Certificate({**values, "signature_value": issuer_key.sign(tbs.dump())})
    dumped: bytes = made.dump()
    return dumped


def _time(moment: datetime) -> x509.Time:
    return x509.Time("utc_time", moment.astimezone(UTC).replace(microsecond=0))


def _set(part: core.Asn1Value) -> core.SetOf:
    return core.SetOf([core.Any(part)], spec=core.Any)


def _sequence(*parts: core.Asn1Value) -> core.SequenceOf:
    return core.SequenceOf([core.Any(part) for part in parts], spec=core.Any)


def make_crl(authority: Holder, serials: Sequence[int], *, now: datetime) -> bytes:
    """The authority's list of revoked certificates, good for a week."""
    algorithm = algos.SignedDigestAlgorithm({"algorithm": authority.key.signature_algorithm})
    revoked = [{"user_certificate": each, "revocation_date": _time(now)} for each in serials]
    body = crl.TbsCertList(
        {
            "version": "v2",
            "signature": algorithm,
            "issuer": authority.certificate.subject,
            "this_update": _time(now),
            "next_update": _time(now + timedelta(days=7)),
            "revoked_certificates": revoked or None,
        }
    )
    made = crl.CertificateList(
        {
            "tbs_cert_list": body,
            "signature_algorithm": algorithm,
            "signature": authority.key.sign(body.dump()),
        }
    )
    dumped: bytes = made.dump()
    return dumped


def make_ocsp(authority: Holder, request: bytes, *, now: datetime, is_revoked: bool = False) -> bytes:
    """The authority's answer to a question about one certificate, good for an hour."""
    asked = ocsp.OCSPRequest.load(request)["tbs_request"]["request_list"][0]["req_cert"]
    status = ocsp.CertStatus("good", core.Null())
    if is_revoked:
        status = ocsp.CertStatus("revoked", ocsp.RevokedInfo({"revocation_time": now}))
    moment = now.replace(microsecond=0)
    body = ocsp.ResponseData(
        {
            "responder_id": ocsp.ResponderId("by_name", authority.certificate.subject),
            "produced_at": moment,
            "responses": [
                {
                    "cert_id": asked,
                    "cert_status": status,
                    "this_update": moment,
                    "next_update": moment + timedelta(hours=1),
                }
            ],
        }
    )
    basic = ocsp.BasicOCSPResponse(
        {
            "tbs_response_data": body,
            "signature_algorithm": {"algorithm": authority.key.signature_algorithm},
            "signature": authority.key.sign(body.dump()),
        }
    )
    inner = {"response_type": "basic_ocsp_response", "response": basic}
    dumped: bytes = ocsp.OCSPResponse({"response_status": "successful", "response_bytes": inner}).dump()
    return dumped
