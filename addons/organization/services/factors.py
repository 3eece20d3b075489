"""Second factors of a user: one-time codes of an app, passkeys, and recovery codes for the day both are lost.
How a sign-in asks for them does not belong here: factor_proofs.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from webauthn import (
    generate_registration_options,
    options_to_json,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from addons.organization.domain.checks import check_text
from addons.organization.domain.one_time_codes import address_of, new_secret, step_of
from addons.organization.services.factor_tickets import (
    PASSKEY_TICKET,
    RESPONSE_LENGTH_MAX,
    FactorKind,
    codes_of,
    open_ticket,
    recovery_digest,
    seal_ticket,
    sealer_of,
    site_of,
)
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.principal import PrincipalKind

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow, Work

FACTORS_MAX = 10  # apps and passkeys of one user
RECOVERY_CODES = 10
RECENT_MS = 15 * 60_000  # since the sign-in, for changes of factors
TITLE_LENGTH_MAX = 100
ISSUER = "Sauda"


@dataclass(frozen=True, slots=True)
class NewCodes:
    """secret and address: for an authenticator app, shown once."""

    factor_id: str
    secret: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """options: for navigator.credentials.create, JSON; ticket: goes with the answer."""

    ticket: str = field(repr=False)
    options: str = ""


async def begin_codes(work: Work, title: str) -> NewCodes:
    """A secret for an authenticator app; it counts once a code of it was shown.

    Raises Refusal: ONLY_FOR_USERS, SIGN_IN_AGAIN, FACTORS_TOO_MANY, TEXT_…
    """
    await _require_recent(work)
    user = await _own_user(work)
    await _check_count(work, user["id"])
    secret, factor_id = new_secret(), new_id()
    sealed = sealer_of(work).seal(secret, purpose=codes_of(factor_id))
    values = {"kind": FactorKind.CODES.value, "secret": sealed, "credential_id": None}
    await _insert(work, factor_id, user["id"], _title(title), values)
    return NewCodes(factor_id, secret, address_of(secret, account=user["email"], issuer=ISSUER))


async def confirm_codes(work: Work, factor_id: str, code: str) -> list[str]:
    """The app shows right codes: from now on sign-ins ask for one. Gives recovery codes, shown once, when the
    user had no second factor before.

    Raises Refusal: FACTOR_UNKNOWN, FACTOR_WRONG.
    """
    row = await _own_factor(work, factor_id)
    secret = sealer_of(work).open(row["secret"], purpose=codes_of(factor_id))
    step = step_of(secret, code.strip(), now_ms=work.now_ms, after=row["counter"])
    if row["kind"] != FactorKind.CODES or step is None:
        raise Refusal("FACTOR_WRONG", field="code")
    return await _confirm(work, factor_id, step)


async def begin_passkey(work: Work) -> NewPasskey:
    """What a browser needs to make a passkey.

    Raises Refusal: ONLY_FOR_USERS, SIGN_IN_AGAIN, FACTORS_TOO_MANY.
    """
    await _require_recent(work)
    user = await _own_user(work)
    await _check_count(work, user["id"])
    known = await _passkeys(work, user["id"])
    options = generate_registration_options(
        rp_id=site_of(work)[0],
        rp_name=ISSUER,
        user_name=user["email"],
        user_display_name=user["name"],
        user_id=user["id"].encode(),
        exclude_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(each)) for each in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    ticket = seal_ticket(work, PASSKEY_TICKET, [user["id"], bytes_to_base64url(options.challenge)])
    return NewPasskey(ticket, options_to_json(options))


async def add_passkey(work: Work, ticket: str, answer: str, title: str) -> list[str]:
    """The passkey a browser made counts from now on. Gives recovery codes as confirm_codes.

    Raises Refusal: FACTOR_WRONG, TEXT_…
    """
    wrong = Refusal("FACTOR_WRONG", field="answer")
    user_id, challenge = open_ticket(work, PASSKEY_TICKET, ticket, 2, wrong)
    if user_id != work.principal.subject_id or len(answer) > RESPONSE_LENGTH_MAX:
        raise wrong
    site, origins = site_of(work)
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site,
            expected_origin=origins,
        )
    except (WebAuthnException, ValueError):
        raise wrong from None
    await _check_count(work, user_id)
    credential_id = bytes_to_base64url(made.credential_id)
    if await work.row("SELECT id FROM org_factor WHERE credential_id = ?", credential_id) is not None:
        raise wrong
    factor_id = new_id()
    key = bytes_to_base64url(made.credential_public_key)
    values = {"kind": FactorKind.PASSKEY.value, "secret": key, "credential_id": credential_id}
    await _insert(work, factor_id, user_id, _title(title), values)
    return await _confirm(work, factor_id, made.sign_count)


async def remove_factor(work: Work, factor_id: str) -> str:
    """One factor less; with the last one the recovery codes go too.

    Raises Refusal: SIGN_IN_AGAIN, FACTOR_UNKNOWN.
    """
    await _require_recent(work)
    row = await _own_factor(work, factor_id)
    await work.execute("DELETE FROM org_factor WHERE id = ?", factor_id)
    sql = "SELECT id FROM org_factor WHERE user_id = ? AND kind <> 'recovery' LIMIT 1"
    if await work.row(sql, row["user_id"]) is None:
        await work.execute("DELETE FROM org_factor WHERE user_id = ?", row["user_id"])
    await work.audit("organization.remove_factor", f"user:{row['user_id']}", {"kind": row["kind"]})
    return factor_id


async def new_recovery_codes(work: Work) -> list[str]:
    """Fresh recovery codes, shown once; the old ones open nothing any more.

    Raises Refusal: ONLY_FOR_USERS, SIGN_IN_AGAIN, FACTOR_UNKNOWN (there is no other factor).
    """
    await _require_recent(work)
    user = await _own_user(work)
    sql = "SELECT id FROM org_factor WHERE user_id = ? AND confirmed_ms IS NOT NULL LIMIT 1"
    if await work.row(sql, user["id"]) is None:
        raise Refusal("FACTOR_UNKNOWN")
    return await _make_recovery_codes(work, user["id"])


async def _confirm(work: Work, factor_id: str, counter: int) -> list[str]:
    user_id = work.principal.subject_id
    sql = "SELECT id FROM org_factor WHERE user_id = ? AND confirmed_ms IS NOT NULL LIMIT 1"
    is_first = await work.row(sql, user_id) is None
    await work.execute(
        "UPDATE org_factor SET confirmed_ms = ?, counter = ? WHERE id = ?", work.now_ms, counter, factor_id
    )
    await work.audit("organization.add_factor", f"user:{user_id}", {"factor": factor_id})
    return await _make_recovery_codes(work, user_id) if is_first else []


async def _make_recovery_codes(work: Work, user_id: str) -> list[str]:
    await work.execute("DELETE FROM org_factor WHERE user_id = ? AND kind = 'recovery'", user_id)
    codes = []
    for _ in range(RECOVERY_CODES):
        text = base64.b32encode(secrets.token_bytes(10)).decode().lower()  # 80 bits: a fast digest is enough
        code = "-".join(text[place : place + 4] for place in range(0, 16, 4))
        values = {"kind": FactorKind.RECOVERY.value, "secret": recovery_digest(user_id, code)}
        await _insert(
            work, new_id(), user_id, "", {**values, "credential_id": None, "confirmed_ms": work.now_ms}
        )
        codes.append(code)
    return codes


async def _insert(
    work: Work, factor_id: str, user_id: str, title: str, values: Mapping[str, str | int | None]
) -> None:
    row: dict[str, Param] = {
        "id": factor_id,
        "user_id": user_id,
        "title": title,
        "counter": 0,
        "created_ms": work.now_ms,
    }
    await work.insert("org_factor", {**row, **values})


async def _require_recent(work: Work) -> None:
    """Factors change soon after a sign-in only: a session left open somewhere does not lock its owner out.

    Raises Refusal("SIGN_IN_AGAIN").
    """
    if work.principal.session_id is None:  # our own commands act without one
        return
    sql = "SELECT created_ms FROM org_session WHERE id = ?"
    row = await work.row(sql, work.principal.session_id)
    if row is None or work.now_ms - row["created_ms"] > RECENT_MS:
        raise Refusal("SIGN_IN_AGAIN")


async def _own_user(work: Work) -> SqlRow:
    sql = "SELECT id, email, name FROM org_user WHERE id = ?"
    row = await work.row(sql, work.principal.subject_id)
    if work.principal.kind is not PrincipalKind.USER or row is None:
        raise Refusal("ONLY_FOR_USERS")
    return row


async def _own_factor(work: Work, factor_id: str) -> SqlRow:
    sql = "SELECT * FROM org_factor WHERE id = ? AND user_id = ? AND kind <> 'recovery'"
    row = await work.row(sql, factor_id, work.principal.subject_id)
    if row is None:
        raise Refusal("FACTOR_UNKNOWN", field="id")
    return row


async def _check_count(work: Work, user_id: str) -> None:
    sql = "SELECT COUNT(*) AS factors FROM org_factor WHERE user_id = ? AND kind <> 'recovery'"
    row = await work.row(sql, user_id)
    if row is not None and row["factors"] >= FACTORS_MAX:
        raise Refusal("FACTORS_TOO_MANY", max=FACTORS_MAX)


async def _passkeys(reader: Reader, user_id: str) -> list[str]:
    sql = "SELECT credential_id FROM org_factor WHERE user_id = ? AND credential_id IS NOT NULL"
    return [row["credential_id"] for row in await reader.rows(sql, user_id)]


def _title(text: str) -> str:
    return check_text(text, field="title", length_max=TITLE_LENGTH_MAX, is_required=False)
