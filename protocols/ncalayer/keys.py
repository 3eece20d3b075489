"""Signatures of certificates and messages, RSA and GOST alike: which algorithm, which key, right or wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from asn1crypto import core, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from protocols.ncalayer.gost3410 import verify as gost_verify
from protocols.ncalayer.oids import GOST_CURVE_A, GOST_HASH, GOST_KEY, GOST_SIGNATURE, RSA_KEY
from protocols.ncalayer.streebog import streebog512

RSA_BITS_MIN = 2048
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256,
    "2.16.840.1.101.3.4.2.2": hashes.SHA384,
    "2.16.840.1.101.3.4.2.3": hashes.SHA512,
}
_RSA_SIGNATURES: dict[str, type[hashes.HashAlgorithm] | None] = {
    RSA_KEY: None,  # the hash is named beside it
    "1.2.840.113549.1.1.11": hashes.SHA256,
    "1.2.840.113549.1.1.12": hashes.SHA384,
    "1.2.840.113549.1.1.13": hashes.SHA512,
}


class Unknown(ValueError):
    """An algorithm, a curve or a size nobody here believes in, SHA-1 among them."""


def digest_of(algorithm: str, content: bytes) -> bytes:
    """Digest of a content by the object identifier of the hash. Raises Unknown."""
    if algorithm == GOST_HASH:
        return streebog512(content)
    kind = _HASHES.get(algorithm)
    if kind is None:
        raise Unknown(algorithm)
    digest = hashes.Hash(kind())
    digest.update(content)
    return digest.finalize()


def is_signed_by(
    public_key_info: bytes, signature_algorithm: str, message: bytes, signature: bytes, *, digest: str = ""
) -> bool:
    """Whether the signature over a message was made with the private part of this key.

    public_key_info: SubjectPublicKeyInfo in DER; digest: identifier of the hash, where the signature's own
    does not name it. Raises Unknown.
    """
    algorithm, curve, bits = _parts(public_key_info)
    if algorithm == GOST_KEY:
        if curve != GOST_CURVE_A or signature_algorithm != GOST_SIGNATURE:
            raise Unknown(f"{curve} {signature_algorithm}")
        if digest and digest != GOST_HASH:
            raise Unknown(digest)
        return gost_verify(_octets(bits), message, signature)
    if algorithm != RSA_KEY or signature_algorithm not in _RSA_SIGNATURES:
        raise Unknown(f"{algorithm} {signature_algorithm}")
    kind = _RSA_SIGNATURES[signature_algorithm] or _HASHES.get(digest)
    if kind is None:
        raise Unknown(digest)
    try:
        key = serialization.load_der_public_key(public_key_info)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unknown(str(error)) from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < RSA_BITS_MIN:
        raise Unknown("RSA key is too short")
    try:
        key.verify(signature, message, padding.PKCS1v15(), kind())
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with the very bytes it came in: written anew they might not be what was signed.

    body, key_info: its TBSCertificate and SubjectPublicKeyInfo; parsed: everything else.
    """

    der: bytes
    body: bytes
    key_info: bytes
    signature: bytes
    parsed: x509.Certificate = field(compare=False, repr=False)

    @classmethod
    def read(cls, der: bytes) -> Certificate:
        """Raises ValueError and what asn1crypto raises for bytes that are no certificate."""
        parts = core.SequenceOf.load(der, spec=core.Any, strict=True)
        body = parts[0].dump()
        fields = core.SequenceOf.load(body, spec=core.Any)
        key_info = fields[6].dump()  # behind version, number, algorithm, issuer, validity and subject
        signature = core.OctetBitString.load(parts[2].dump()).native
        return cls(der, body, key_info, signature, x509.Certificate.load(der, strict=True))

    @property
    def algorithm(self) -> str:
        """Object identifier of its signature. Raises ValueError where its two places disagree."""
        outer = self.parsed["signature_algorithm"]["algorithm"].dotted
        if outer != self.parsed["tbs_certificate"]["signature"]["algorithm"].dotted:
            raise ValueError("two algorithms in one certificate")
        return str(outer)

    def has_signed(self, other: Certificate) -> bool:
        """Whether the other certificate bears this key's signature. Raises Unknown, ValueError."""
        return is_signed_by(self.key_info, other.algorithm, other.body, other.signature)


def _parts(public_key_info: bytes) -> tuple[str, str, bytes]:
    """Algorithm, curve or "", and the bits of a key; read without knowing the algorithm. Raises Unknown."""
    try:
        outer = core.SequenceOf.load(public_key_info, spec=core.Any)
        algorithm, bits = outer[0], outer[1]
        inner = core.SequenceOf.load(algorithm.dump(), spec=core.Any)
        name = core.ObjectIdentifier.load(inner[0].dump()).dotted
        curve = ""
        if len(inner) > 1 and name == GOST_KEY:
            parameters = core.SequenceOf.load(inner[1].dump(), spec=core.Any)
            curve = core.ObjectIdentifier.load(parameters[0].dump()).dotted
        return name, curve, core.OctetBitString.load(bits.dump()).native
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise Unknown(str(error)) from None


def _octets(bits: bytes) -> bytes:
    try:
        octets: bytes = core.OctetString.load(bits, strict=True).native
    except (ValueError, TypeError) as error:
        raise Unknown(str(error)) from None
    return octets
