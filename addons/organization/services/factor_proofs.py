"""The second half of a sign-in: what is still asked for, and the check of what was shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson
from webauthn import generate_authentication_options, options_to_json, verify_authentication_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

from addons.organization.domain.one_time_codes import CODE_LENGTH, step_of
from addons.organization.services.attempts import Guess, count_guess, forgive, hidden
from addons.organization.services.factor_tickets import (
    RESPONSE_LENGTH_MAX,
    SIGN_IN_TICKET,
    FactorKind,
    codes_of,
    open_ticket,
    recovery_digest,
    seal_ticket,
    sealer_of,
    site_of,
)
from addons.organization.services.rows import insert_unique
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.security.rate_limits import PIN_POLICY

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Param, Work


@dataclass(frozen=True, slots=True)
class FactorNeeded:
    """The password was right. ticket: goes with the second factor, good for TICKET_S; passkey_options: for
    navigator.credentials.get, JSON, None for a user without passkeys.
    """

    ticket: str = field(repr=False)
    kinds: tuple[FactorKind, ...] = ()
    passkey_options: str | None = None


async def factor_needed(work: Work, user_id: str, company_id: CompanyId | None) -> FactorNeeded | None:
    """What the user still has to show after the password; None for one who set up no second factor."""
    sql = "SELECT kind, credential_id FROM org_factor WHERE user_id = ? AND confirmed_ms IS NOT NULL"
    rows = await work.rows(sql, user_id)
    kinds = tuple(kind for kind in FactorKind if any(row["kind"] == kind for row in rows))
    if not kinds:
        return None
    challenge, options = "", None
    known = [row["credential_id"] for row in rows if row["credential_id"]]
    if known:
        made = generate_authentication_options(
            rp_id=site_of(work)[0],
            allow_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(each)) for each in known],
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        challenge, options = bytes_to_base64url(made.challenge), options_to_json(made)
    return FactorNeeded(
        seal_ticket(work, SIGN_IN_TICKET, [user_id, company_id or "", challenge]), kinds, options
    )


async def prove_factor(
    database: Database, ticket: str, *, code: str | None, passkey: str | None
) -> tuple[str, CompanyId | None]:
    """The user and company of a ticket, once a second factor was shown. A flow: the guess is counted before
    it is checked. Raises Refusal: AUTH_THROTTLED, FACTOR_WRONG.
    """
    wrong = Refusal("FACTOR_WRONG", field="code")
    async with database.reading(SYSTEM) as reader:
        user_id, company_id, challenge = open_ticket(reader, SIGN_IN_TICKET, ticket, 3, wrong)
    subject = f"factor:{user_id}"
    await count_guess(database, [Guess(subject, PIN_POLICY)])

    async def proving(work: Work) -> None:
        if passkey is not None:
            await _check_passkey(work, user_id, challenge, passkey, wrong)
        else:
            await _check_code(work, user_id, (code or "").strip(), wrong)
        # A ticket opens once: its row is the proof, and it goes with the old guesses.
        used: dict[str, Param] = {
            "subject": f"ticket:{hidden(ticket)}",
            "guesses": 1,
            "guessed_ms": work.now_ms,
        }
        await insert_unique(work, "org_attempt", used, wrong)
        await forgive(work, subject)

    person = Principal(PrincipalKind.USER, user_id, CompanyId(company_id) if company_id else None)
    await database.transact(proving, principal=person)
    return user_id, person.company_id


async def _check_code(work: Work, user_id: str, code: str, wrong: Refusal) -> None:
    sql = "SELECT * FROM org_factor WHERE user_id = ? AND kind <> 'passkey' AND confirmed_ms IS NOT NULL"
    is_recovery = len(code) != CODE_LENGTH
    for row in await work.rows(sql, user_id):
        if is_recovery:
            if row["kind"] == FactorKind.RECOVERY and row["secret"] == recovery_digest(user_id, code):
                await work.execute("DELETE FROM org_factor WHERE id = ?", row["id"])
                await work.audit("organization.use_recovery_code", f"user:{user_id}")
                return
        elif row["kind"] == FactorKind.CODES:
            secret = sealer_of(work).open(row["secret"], purpose=codes_of(row["id"]))
            step = step_of(secret, code, now_ms=work.now_ms, after=row["counter"])
            if step is not None and await _count(work, row["id"], step):
                return
    raise wrong


async def _check_passkey(work: Work, user_id: str, challenge: str, answer: str, wrong: Refusal) -> None:
    if not challenge or len(answer) > RESPONSE_LENGTH_MAX:
        raise wrong
    site, origins = site_of(work)
    try:
        credential_id = str(orjson.loads(answer)["id"])
        sql = "SELECT * FROM org_factor WHERE credential_id = ? AND user_id = ?"
        row = await work.row(sql, credential_id, user_id)
        if row is None:
            raise wrong
        verdict = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site,
            expected_origin=origins,
            credential_public_key=base64url_to_bytes(row["secret"]),
            credential_current_sign_count=row["counter"],
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise wrong from None
    values = (verdict.new_sign_count, work.now_ms, row["id"])
    await work.execute("UPDATE org_factor SET counter = ?, used_ms = ? WHERE id = ?", *values)


async def _count(work: Work, factor_id: str, step: int) -> bool:
    """Take the step for this sign-in; False when another took it at the same moment."""
    sql = "UPDATE org_factor SET counter = ?, used_ms = ? WHERE id = ? AND counter < ?"
    return await work.execute(sql, step, work.now_ms, factor_id, step) > 0
