"""What a company knows about its users beside their role: user name, IIN, birth date, phone, comment; and
further roles, such as dealer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from addons.organization.domain.bin import check_bin
from addons.organization.domain.cards import Role, UserId
from addons.organization.domain.checks import check_text
from addons.organization.domain.company import check_login, check_phone
from addons.organization.services.rows import insert_unique
from addons.organization.services.sessions import end_sessions_of
from addons.organization.services.users import OWN
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Work

COMMENT_LENGTH_MAX = 500
BIRTH_YEAR_MIN = 1900


@dataclass(frozen=True, slots=True)
class DescribeUser:
    """New values; None leaves a value as it is, an empty text takes it away. birth_date: YYYY-MM-DD."""

    user_id: UserId
    user_name: str | None = None
    iin: str | None = None
    birth_date: str | None = None
    phone: str | None = None
    comment: str | None = None


async def describe_user(work: Work, command: DescribeUser) -> UserId:
    """Change what the principal's company knows about one of its users.

    Raises Refusal: USER_UNKNOWN, FORBIDDEN (an owner is described by an owner), LOGIN_NAME_MALFORMED,
    LOGIN_NAME_TAKEN, BIN_…, BIRTH_DATE_MALFORMED, PHONE_MALFORMED, TEXT_…
    """
    await _member(work, command.user_id)
    values: dict[str, str | None] = {}
    if command.user_name is not None:
        given = command.user_name.strip()
        values["user_name"] = check_login(given, field="userName") if given else None
    if command.iin is not None:
        values["iin"] = check_bin(command.iin, field="iin") if command.iin.strip() else ""
    if command.birth_date is not None:
        values["birth_date"] = _check_birth_date(command.birth_date.strip(), work.now.year)
    if command.phone is not None:
        values["phone"] = check_phone(command.phone)
    if command.comment is not None:
        values["comment"] = check_text(
            command.comment, field="comment", length_max=COMMENT_LENGTH_MAX, is_required=False
        )
    if not values:
        return command.user_id
    await _put(work, command.user_id, values)
    facts = {name: value for name, value in values.items() if name in ("user_name", "comment")}
    changed = {"changed": sorted(values)}  # of a person's own data only what changed, not to what
    await work.audit("organization.describe_user", f"user:{command.user_id}", {**facts, **changed})
    return command.user_id


async def grant_role(work: Work, user_id: str, role: str) -> None:
    """Give a member of the principal's company a further role, from the next sign-in on: the sessions end.

    Raises Refusal("USER_UNKNOWN").
    """
    await _member(work, user_id)
    sql = "SELECT id FROM org_member_role WHERE company_id = ? AND user_id = ? AND role = ?"
    if await work.row(sql, work.company_id, user_id, role) is not None:
        return
    values = {"id": new_id(), "company_id": work.company_id, "user_id": user_id, "role": role}
    await work.insert("org_member_role", {**values, "created_ms": work.now_ms})
    await end_sessions_of(work, user_id)
    await work.audit("organization.grant_role", f"user:{user_id}", {"role": role})


async def withdraw_role(work: Work, user_id: str, role: str) -> None:
    """Take a further role away; the sessions end. Raises Refusal("USER_UNKNOWN")."""
    await _member(work, user_id)
    sql = "DELETE FROM org_member_role WHERE company_id = ? AND user_id = ? AND role = ?"
    if await work.execute(sql, work.company_id, user_id, role):
        await end_sessions_of(work, user_id)
        await work.audit("organization.withdraw_role", f"user:{user_id}", {"role": role})


async def _member(work: Work, user_id: str) -> None:
    sql = "SELECT role FROM org_membership WHERE company_id = ? AND user_id = ?"
    row = await work.row(sql, work.company_id, user_id)
    if row is None:
        raise Refusal("USER_UNKNOWN", field="id")
    if row["role"] == Role.OWNER and user_id != work.principal.subject_id:
        work.principal.require(OWN)


async def _put(work: Work, user_id: str, values: dict[str, str | None]) -> None:
    taken = Refusal("LOGIN_NAME_TAKEN", field="userName")
    name = values.get("user_name")
    sql = "SELECT user_id FROM org_person WHERE company_id = ? AND user_name = ? AND user_id <> ?"
    if name and await work.row(sql, work.company_id, name, user_id) is not None:
        raise taken
    columns = ", ".join(f"{column} = ?" for column in values)
    sql = f"UPDATE org_person SET {columns} WHERE company_id = ? AND user_id = ?"
    if not await work.execute(sql, *values.values(), work.company_id, user_id):
        blank = {"iin": "", "birth_date": "", "phone": "", "comment": ""}
        row = {"id": new_id(), "company_id": work.company_id, "user_id": user_id, **blank, **values}
        await insert_unique(work, "org_person", row, taken)


def _check_birth_date(text: str, this_year: int) -> str:
    if not text:
        return ""
    try:
        born = date.fromisoformat(text)
    except ValueError:
        raise Refusal("BIRTH_DATE_MALFORMED", field="birthDate") from None
    if not BIRTH_YEAR_MIN <= born.year < this_year:
        raise Refusal("BIRTH_DATE_MALFORMED", field="birthDate")
    return born.isoformat()
