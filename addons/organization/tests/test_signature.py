"""What an electronic signature must be, and every way it may pretend to be one: RSA and GOST alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from addons.organization.domain.signature import Signer, Trust, verify_signature
from kernel.errors import Refusal
from simulators.ncalayer.authority import (
    AUTHENTICATION,
    SIGNING,
    Holder,
    make_authority,
    make_person,
    make_root,
    sign_cms,
)

NOW = datetime(2026, 1, 15, 4, 30, tzinfo=UTC)
TEXT = "Заявление: БИН 230140000109".encode()
BIN = "230140000109"


@dataclass(frozen=True)
class Authorities:
    """A root we believe, an authority below it, and a head of a company certified by that one."""

    root: Holder
    authority: Holder
    head: Holder
    trust: Trust


_made: dict[bool, Authorities] = {}


@pytest.fixture(params=[True, False], ids=["gost", "rsa"])
def pki(request: pytest.FixtureRequest) -> Authorities:
    """Made once for each algorithm: keys are slow."""
    is_gost = bool(request.param)
    if is_gost not in _made:
        root = make_root(is_gost=is_gost, now=NOW)
        authority = make_authority(root, now=NOW)
        head = make_person(authority, now=NOW, bin_=BIN)
        _made[is_gost] = Authorities(root, authority, head, Trust([root.der, authority.der]))
    return _made[is_gost]


def _verify(message: bytes, trust: Trust, text: bytes = TEXT, now: datetime = NOW) -> Signer:
    return verify_signature(message, text, trust, now=now)


def _code(message: bytes, trust: Trust, text: bytes = TEXT, now: datetime = NOW) -> str:
    with pytest.raises(Refusal) as refusal:
        _verify(message, trust, text, now)
    return refusal.value.code


def test_the_head_of_a_company_signs_our_text(pki: Authorities) -> None:
    signer = _verify(sign_cms(pki.head, TEXT, now=NOW), pki.trust)

    assert (signer.bin, signer.iin, signer.name) == (BIN, "900101300001", "АХМЕТОВА АЙГУЛЬ")
    assert signer.algorithm == ("gost" if pki.root.key.is_gost else "rsa")
    assert signer.issuer == pki.authority.der


def test_the_authority_may_come_with_the_message_but_the_root_is_ours(pki: Authorities) -> None:
    message = sign_cms(pki.head, TEXT, now=NOW, extra=(pki.authority.der,))

    assert _verify(message, Trust([pki.root.der]))
    assert _code(sign_cms(pki.head, TEXT, now=NOW), Trust([pki.root.der])) == "SIGNATURE_NOT_TRUSTED"


def test_a_foreign_root_is_not_believed_even_when_it_comes_along(pki: Authorities) -> None:
    foreign = make_root(is_gost=pki.root.key.is_gost, now=NOW)
    head = make_person(foreign, now=NOW, bin_=BIN)

    message = sign_cms(head, TEXT, now=NOW, extra=(foreign.der,))

    assert foreign.certificate.subject == pki.root.certificate.subject, "it even bears the same name"
    assert _code(message, pki.trust) == "SIGNATURE_NOT_TRUSTED"


def test_a_certificate_signed_by_itself_is_not_believed(pki: Authorities) -> None:
    alone = make_root(is_gost=pki.root.key.is_gost, now=NOW, title="АХМЕТОВА")

    assert _code(sign_cms(alone, TEXT, now=NOW), pki.trust) == "SIGNATURE_NOT_TRUSTED"


def test_a_person_issues_no_certificates(pki: Authorities) -> None:
    victim = make_person(pki.head, now=NOW, bin_=BIN)

    message = sign_cms(victim, TEXT, now=NOW, extra=(pki.head.der,))

    assert _code(message, pki.trust) == "SIGNATURE_NOT_TRUSTED"


def test_keys_for_signing_in_and_authorities_do_not_sign_texts(pki: Authorities) -> None:
    for purposes in ((AUTHENTICATION,), (AUTHENTICATION, SIGNING), ()):
        holder = make_person(pki.authority, now=NOW, bin_=BIN, purposes=purposes)
        assert _code(sign_cms(holder, TEXT, now=NOW), pki.trust) == "SIGNATURE_KEY_KIND"
    assert _code(sign_cms(pki.authority, TEXT, now=NOW), pki.trust) == "SIGNATURE_KEY_KIND"


def test_what_expired_or_begins_later_is_not_valid_now(pki: Authorities) -> None:
    message = sign_cms(pki.head, TEXT, now=NOW)

    assert _code(message, pki.trust, now=NOW + timedelta(days=366)) == "SIGNATURE_EXPIRED"
    assert _code(message, pki.trust, now=NOW - timedelta(days=366)) == "SIGNATURE_EXPIRED"
    old = make_person(pki.authority, now=NOW, bin_=BIN, not_after=NOW - timedelta(days=1))
    assert _code(sign_cms(old, TEXT, now=NOW), pki.trust) == "SIGNATURE_EXPIRED"


def test_another_text_a_missing_text_and_a_swapped_text_are_refused(pki: Authorities) -> None:
    message = sign_cms(pki.head, TEXT, now=NOW)
    other = TEXT.replace(b"109", b"021")

    assert _code(message, pki.trust, text=other) == "SIGNATURE_OTHER_TEXT"
    assert _code(sign_cms(pki.head, TEXT, now=NOW, is_attached=False), pki.trust) == "SIGNATURE_OTHER_TEXT"
    assert _code(message.replace(TEXT, other), pki.trust, text=other) == "SIGNATURE_OTHER_TEXT"
    digest = pki.head.key.digest(other)
    assert _code(sign_cms(pki.head, TEXT, now=NOW, digest=digest), pki.trust) == "SIGNATURE_OTHER_TEXT"


def test_attributes_are_needed_and_cannot_be_passed_off_as_a_text(pki: Authorities) -> None:
    bare = sign_cms(pki.head, TEXT, now=NOW, with_attributes=False)

    assert _code(bare, pki.trust) == "SIGNATURE_WRONG"


def test_two_signers_are_one_too_many_and_none_one_too_few(pki: Authorities) -> None:
    assert _code(sign_cms(pki.head, TEXT, now=NOW, signers=2), pki.trust) == "SIGNATURE_SIGNERS"
    assert _code(sign_cms(pki.head, TEXT, now=NOW, signers=0), pki.trust) == "SIGNATURE_SIGNERS"


def test_a_certificate_swapped_for_another_of_the_same_key_is_noticed(pki: Authorities) -> None:
    message = sign_cms(pki.head, TEXT, now=NOW)
    serial = pki.head.certificate.serial_number.to_bytes(8, "big")
    other = (pki.head.certificate.serial_number ^ 2).to_bytes(8, "big")

    assert _code(message.replace(serial, other), pki.trust) in ("SIGNATURE_WRONG", "SIGNATURE_NOT_TRUSTED")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda message: b"",
        lambda message: b"\x30\x80",
        lambda message: message[:-1],
        lambda message: message + b"\x00",
        lambda message: b"x" * 70_000,
        lambda message: message[:40] + b"\xff" * 8 + message[48:],
    ],
)
def test_bytes_that_are_no_signature_are_refused_and_nothing_breaks(
    pki: Authorities, spoil: Callable[[bytes], bytes]
) -> None:
    message = spoil(sign_cms(pki.head, TEXT, now=NOW))

    assert _code(message, pki.trust).startswith("SIGNATURE_")


def test_each_flipped_bit_of_the_signature_counts(pki: Authorities) -> None:
    message = bytearray(sign_cms(pki.head, TEXT, now=NOW))

    for place in (-1, -20, -60):
        spoilt = bytearray(message)
        spoilt[place] ^= 1
        assert _code(bytes(spoilt), pki.trust) == "SIGNATURE_WRONG"
