"""Texts that a company signs with an electronic signature (ЭЦП), of this add-on and, by the door, of others.

A text is made and kept in one transaction (`ask_signature`); its signature is checked, in a thread, and the
authority asked outside of any (`check_signature`); what was signed for happens in another, together with
`keep_signature`. The text names its own id and works once.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from addons.organization.domain.settings import OrganizationSettings
from addons.organization.domain.signature import CMS_BYTES_MAX, Signer, Trust, verify_signature
from addons.organization.services.ports import Opinion, Revocation, RevocationState, SecondVerifier
from kernel.errors import Refusal, SetupFault
from kernel.ids import new_id
from kernel.journal.canonical import JSON, canonical_json
from kernel.security.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import SqlRow, Work

log = logging.getLogger(__name__)

WAIT_MS = 30 * 60_000  # for the signature
UNSIGNED = ("signer_name", "signer_iin", "signer_bin", "serial", "algorithm", "revocation")  # not known yet


@dataclass(frozen=True, slots=True)
class Application:
    """text: exactly what is to be signed, attached to the signature."""

    id: str
    text: bytes
    until_ms: int


@dataclass(frozen=True, slots=True)
class SubmitApplication:
    """signature: the CMS message NCALayer gave, in base64."""

    id: str
    signature: str


@dataclass(frozen=True, slots=True)
class CheckedSignature:
    """A good signature that was not used yet. asked: the text that was signed, read."""

    id: str
    asked: Mapping[str, Any]
    cms: str
    signer: Signer
    revocation: RevocationState


async def ask_signature(work: Work, purpose: str, bin_: str, body: Mapping[str, JSON]) -> Application:
    """A text for the head of the company with that BIN, good for WAIT_MS and for the principal alone.

    purpose: what it is for, at most 32 characters, named in the text. body: canonical JSON, beside
    "application", "id", "nonce", "user" and "bin". Raises Refusal: ONLY_FOR_USERS, SIGNATURE_NOT_SET_UP.
    """
    if work.principal.kind is not PrincipalKind.USER:
        raise Refusal("ONLY_FOR_USERS")
    if not trust_of(work.settings(OrganizationSettings).signature_roots):
        raise Refusal("SIGNATURE_NOT_SET_UP")
    application_id = new_id()
    text = canonical_json(
        {
            "application": purpose,
            "id": application_id,
            "nonce": secrets.token_hex(16),
            "user": work.principal.subject_id,
            "bin": bin_,
            **body,
        }
    )
    until_ms = work.now_ms + WAIT_MS
    await work.insert(
        "org_signature",
        {
            "id": application_id,
            "user_id": work.principal.subject_id,
            "purpose": purpose,
            "text": text,
            "created_ms": work.now_ms,
            "until_ms": until_ms,
            **dict.fromkeys(UNSIGNED, ""),
        },
    )
    return Application(application_id, text.encode(), until_ms)


async def check_signature(
    database: Database, caller: Principal, purpose: str, command: SubmitApplication
) -> CheckedSignature:
    """The signature of a text the caller asked for. A flow, before the transaction that uses it.

    Raises Refusal: APPLICATION_UNKNOWN (another's, used, too old, for another purpose), those of
    verify_signature, SIGNATURE_OTHER_OWNER, SIGNATURE_NOT_CONFIRMED, SIGNATURE_REVOKED,
    SIGNATURE_REVOCATION_UNKNOWN.
    """
    settings = database.registry.settings_of(OrganizationSettings)
    async with database.reading(caller) as reader:
        sql = "SELECT * FROM org_signature WHERE id = ? AND user_id = ? AND purpose = ?"
        row = await reader.row(sql, command.id, caller.subject_id, purpose)
        now, now_ms = reader.now, reader.now_ms
    text = _waiting(row, now_ms).encode()
    message = _decoded(command.signature)
    trust = trust_of(settings.signature_roots)
    signer = await asyncio.to_thread(verify_signature, message, text, trust, now=now)
    asked: dict[str, Any] = orjson.loads(text)
    if asked["bin"] not in (signer.bin, signer.iin if not signer.bin else ""):
        raise Refusal("SIGNATURE_OTHER_OWNER", field="signature", bin=signer.bin or signer.iin)
    state = await _second_opinion(database, settings, signer, base64.b64encode(message).decode())
    if state is RevocationState.UNKNOWN and settings.signature_revocation != "off":
        port = database.registry.port(Revocation)
        state = await port.state_of(signer.certificate, signer.issuer, now=now)
    if state is RevocationState.REVOKED:
        raise Refusal("SIGNATURE_REVOKED", field="signature")
    if state is RevocationState.UNKNOWN and settings.signature_revocation == "hard":
        raise Refusal("SIGNATURE_REVOCATION_UNKNOWN", field="signature")
    return CheckedSignature(command.id, asked, command.signature, signer, state)


async def _second_opinion(
    database: Database, settings: OrganizationSettings, signer: Signer, cms: str
) -> RevocationState:
    """What the verifier the installation names says, UNKNOWN without one. Raises
    Refusal("SIGNATURE_NOT_CONFIRMED") when it says no.
    """
    if not settings.signature_ncanode:
        return RevocationState.UNKNOWN
    is_asking = settings.signature_revocation != "off"
    verifier, serial = database.registry.port(SecondVerifier), int(signer.serial, 16)
    opinion = await verifier.opinion(settings.signature_ncanode, cms, serial, asks_authority=is_asking)
    if opinion is Opinion.DENIED:
        raise Refusal("SIGNATURE_NOT_CONFIRMED", field="signature")
    if opinion is Opinion.NONE:
        log.warning("ncanode at %s has no opinion on a signature", settings.signature_ncanode)
    known = {Opinion.REVOKED: RevocationState.REVOKED, Opinion.NOT_REVOKED: RevocationState.GOOD}
    return known.get(opinion, RevocationState.UNKNOWN)


async def use_signature(work: Work, checked: CheckedSignature) -> None:
    """The text is signed from now on and works no more. Raises Refusal("APPLICATION_UNKNOWN")."""
    taken = await work.execute(
        "UPDATE org_signature SET signed_ms = ? WHERE id = ? AND signed_ms IS NULL AND until_ms > ?",
        work.now_ms,
        checked.id,
        work.now_ms,
    )
    if not taken:
        raise Refusal("APPLICATION_UNKNOWN", field="id")


async def keep_signature(work: Work, checked: CheckedSignature, *, action: str, subject: str) -> None:
    """Keep what was signed, as it was signed: it is the word of the company of this Work. Audited as action.

    The text must have been used in the same transaction (`use_signature`).
    """
    signer = checked.signer
    await work.execute(
        """UPDATE org_signature SET company_id = ?, cms = ?, signer_name = ?, signer_iin = ?, signer_bin = ?,
           serial = ?, algorithm = ?, revocation = ? WHERE id = ?""",
        work.company_id,
        checked.cms,
        signer.name,
        signer.iin,
        signer.bin,
        signer.serial,
        signer.algorithm,
        checked.revocation.value,
        checked.id,
    )
    facts = {"serial": signer.serial, "algorithm": signer.algorithm, "revocation": checked.revocation.value}
    await work.audit(action, subject, facts)


@lru_cache(maxsize=4)
def trust_of(folder: str) -> Trust:
    """Authorities this installation believes: certificates (PEM or DER) of a folder, read once by a process.

    Raises SetupFault for a file that is none.
    """
    certificates = []
    for path in sorted(Path(folder).iterdir()) if folder else ():
        if path.suffix.lower() in (".cer", ".crt", ".pem", ".der"):
            certificates.append(_der(path))
    try:
        return Trust(certificates)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise SetupFault([f"organization.signature_roots: {folder}: {error}"]) from error


def _der(path: Path) -> bytes:
    raw = path.read_bytes()
    if b"-----BEGIN" not in raw:
        return raw
    body = raw.partition(b"-----BEGIN CERTIFICATE-----")[2].partition(b"-----END")[0]
    return base64.b64decode(b"".join(body.split()))


def _waiting(row: SqlRow | None, now_ms: int) -> str:
    """The text, while its signature is awaited."""
    if row is None or row["signed_ms"] is not None or row["until_ms"] <= now_ms:
        raise Refusal("APPLICATION_UNKNOWN", field="id")
    return str(row["text"])


def _decoded(text: str) -> bytes:
    clean = "".join(text.replace("-----BEGIN CMS-----", "").replace("-----END CMS-----", "").split())
    if len(clean) > CMS_BYTES_MAX * 4 // 3 + 4:
        raise Refusal("SIGNATURE_MALFORMED", field="signature")
    try:
        return base64.b64decode(clean, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("SIGNATURE_MALFORMED", field="signature") from None
