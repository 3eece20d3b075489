"""A user who is signed in chooses another password."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.organization.services.attempts import Guess, count_guess, forgive
from addons.organization.services.sessions import end_other_sessions
from addons.organization.services.users import hash_password
from kernel.errors import Refusal
from kernel.security.passwords import verify_secret
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.security.rate_limits import PASSWORD_POLICY

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """The present password and the one that takes its place."""

    present: str = field(repr=False)
    fresh: str = field(repr=False)


async def change_password(database: Database, caller: Principal, command: ChangePassword) -> None:
    """The new password; the caller's other sessions end. A flow.

    Raises Refusal: ONLY_FOR_USERS, AUTH_THROTTLED, SIGN_IN_WRONG, PASSWORD_TOO_SHORT, PASSWORD_WEAK.
    """
    if caller.kind is not PrincipalKind.USER:
        raise Refusal("ONLY_FOR_USERS")
    subject = f"password-of:{caller.subject_id}"
    await count_guess(database, [Guess(subject, PASSWORD_POLICY)], caller)
    async with database.reading(SYSTEM) as reader:
        sql = "SELECT email, name, password_hash FROM org_user WHERE id = ?"
        row = await reader.row(sql, caller.subject_id)
    verdict = await verify_secret(row["password_hash"] if row else None, command.present)
    if row is None or not verdict.is_right:
        raise Refusal("SIGN_IN_WRONG", field="present")
    fresh = await hash_password(command.fresh, about=(row["email"], row["name"]))

    async def changing(work: Work) -> None:
        await forgive(work, subject)
        await work.execute("UPDATE org_user SET password_hash = ? WHERE id = ?", fresh, caller.subject_id)
        await work.audit("organization.change_password", f"user:{caller.subject_id}")
        await end_other_sessions(work)

    await database.transact(changing, principal=caller)
