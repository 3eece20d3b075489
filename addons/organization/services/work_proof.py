"""A proof of work instead of a picture to be read: cheap for a person, dear for a robot.

The challenge is sealed by us and kept nowhere; one that was used is remembered until it ends.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.attempts import hidden
from addons.organization.services.rows import insert_unique
from kernel.config_sections import SecuritySettings
from kernel.errors import Refusal
from kernel.security.sealed import sealer_for

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, Work

CHALLENGE_S = 600
NONCE_LENGTH_MAX = 32
BITS_MAX = 32
_PURPOSE = "organization.work_proof"


@dataclass(frozen=True, slots=True)
class WorkProof:
    """nonce: any text so that SHA-256 of "<challenge>:<nonce>" begins with as many zero bits as asked for."""

    challenge: str
    nonce: str


def challenge(reader: Reader) -> tuple[str, int]:
    """A text to work on and how many zero bits are wanted; no text when none are."""
    bits = min(reader.settings(OrganizationSettings).sign_up_work_bits, BITS_MAX)
    if not bits:
        return "", 0
    plain = f"{reader.now_ms + CHALLENGE_S * 1000}:{bits}:{secrets.token_hex(8)}"
    return sealer_for(reader.settings(SecuritySettings)).seal(plain, purpose=_PURPOSE), bits


async def require_work_proof(work: Work, proof: WorkProof | None) -> None:
    """Nothing where no work is asked for. Raises Refusal("WORK_PROOF_WRONG")."""
    if not work.settings(OrganizationSettings).sign_up_work_bits:
        return
    wrong = Refusal("WORK_PROOF_WRONG", field="proof")
    if proof is None or len(proof.nonce) > NONCE_LENGTH_MAX:
        raise wrong
    plain = sealer_for(work.settings(SecuritySettings)).open_or_none(proof.challenge, purpose=_PURPOSE)
    if plain is None:
        raise wrong
    until_ms, bits, _ = plain.split(":")
    if int(until_ms) < work.now_ms or zero_bits(proof) < int(bits):
        raise wrong
    used: dict[str, Param] = {
        "subject": f"work:{hidden(proof.challenge)}",
        "guesses": 1,
        "guessed_ms": work.now_ms,
    }
    await insert_unique(work, "org_attempt", used, wrong)


def zero_bits(proof: WorkProof) -> int:
    """How many zero bits the digest of a proof begins with."""
    digest = hashlib.sha256(f"{proof.challenge}:{proof.nonce}".encode()).digest()
    return 256 - int.from_bytes(digest, "big").bit_length()
