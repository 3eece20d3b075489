"""Batch functions of the DataLoaders: one statement for many keys, rows of the caller's company only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from addons.organization.gql.rows import (
    company_of,
    group_of,
    operator_of,
    outlet_of,
    person_of,
    register_of,
    status_of,
    user_of,
)
from addons.organization.gql.types import (
    CompanyType,
    OperatorType,
    OutletType,
    RegisterGroupType,
    RegisterType,
    StatusLineType,
    UserType,
)

if TYPE_CHECKING:
    from addons.organization.gql.account_types import PersonType
    from kernel.addons.entries import BatchFunction
    from kernel.data.work import Reader

Made = TypeVar("Made")

USERS = """SELECT u.id AS id, u.email AS email, u.name AS name, u.language AS language,
u.is_blocked AS is_blocked, m.role AS role, m.is_active AS is_active
FROM org_membership m JOIN org_user u ON u.id = m.user_id"""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a limited operator may work: ids of registers and of groups."""

    registers: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


def marks(keys: Sequence[str]) -> str:
    """Placeholders for a list of keys."""
    return ", ".join("?" * len(keys))


async def company_by_id(reader: Reader, keys: Sequence[str]) -> list[CompanyType | None]:
    """The caller's company, and companies the caller's user belongs to; None for any other."""
    rows = await reader.rows(
        f"""SELECT * FROM org_company WHERE id IN ({marks(keys)}) AND (id = ? OR id IN
            (SELECT company_id FROM org_membership WHERE user_id = ? AND is_active = 1))""",
        *keys,
        reader.company_id,
        reader.principal.subject_id,
    )
    found = {row["id"]: company_of(row) for row in rows}
    return [found.get(key) for key in keys]


async def outlet_by_id(reader: Reader, keys: Sequence[str]) -> list[OutletType | None]:
    """Outlets of the company."""
    return await _by_id(reader, "org_outlet", keys, outlet_of)


async def register_by_id(reader: Reader, keys: Sequence[str]) -> list[RegisterType | None]:
    """Registers of the company that the caller may use."""
    allowed = reader.principal.register_ids
    made = await _by_id(reader, "org_register", keys, register_of)
    return [each if each is None or allowed is None or each.key in allowed else None for each in made]


async def group_by_id(reader: Reader, keys: Sequence[str]) -> list[RegisterGroupType | None]:
    """Register groups of the company."""
    return await _by_id(reader, "org_register_group", keys, group_of)


async def operator_by_id(reader: Reader, keys: Sequence[str]) -> list[OperatorType | None]:
    """Operators of the company."""
    return await _by_id(reader, "org_operator", keys, operator_of)


async def user_by_id(reader: Reader, keys: Sequence[str]) -> list[UserType | None]:
    """Users who are members of the company."""
    rows = await reader.rows(
        f"{USERS} WHERE m.company_id = ? AND u.id IN ({marks(keys)})", reader.company_id, *keys
    )
    found = {row["id"]: user_of(row) for row in rows}
    return [found.get(key) for key in keys]


async def person_by_user(reader: Reader, keys: Sequence[str]) -> list[PersonType | None]:
    """What the company knows about each of its users; None for one who is no member."""
    rows = await reader.rows(
        f"""SELECT m.user_id, p.user_name, p.iin, p.birth_date, p.phone, p.comment,
            (SELECT GROUP_CONCAT(x.role) FROM org_member_role x
             WHERE x.company_id = m.company_id AND x.user_id = m.user_id) AS further_roles
            FROM org_membership m
            LEFT JOIN org_person p ON p.company_id = m.company_id AND p.user_id = m.user_id
            WHERE m.company_id = ? AND m.user_id IN ({marks(keys)})""",
        reader.company_id,
        *keys,
    )
    found = {row["user_id"]: person_of(row) for row in rows}
    return [found.get(key) for key in keys]


async def groups_by_register(reader: Reader, keys: Sequence[str]) -> list[list[RegisterGroupType]]:
    """Groups of each register, by title."""
    rows = await reader.rows(
        f"""SELECT m.register_id AS owner, g.* FROM org_register_group_member m
            JOIN org_register_group g ON g.id = m.group_id
            WHERE m.company_id = ? AND m.register_id IN ({marks(keys)}) ORDER BY g.title""",
        reader.company_id,
        *keys,
    )
    return _grouped(rows, keys, group_of)


async def registers_by_group(reader: Reader, keys: Sequence[str]) -> list[list[RegisterType]]:
    """Registers of each group that the caller may use, by number."""
    rows = await reader.rows(
        f"""SELECT m.group_id AS owner, r.* FROM org_register_group_member m
            JOIN org_register r ON r.id = m.register_id
            WHERE m.company_id = ? AND m.group_id IN ({marks(keys)}) ORDER BY r.number""",
        reader.company_id,
        *keys,
    )
    allowed = reader.principal.register_ids
    rows = [row for row in rows if allowed is None or row["id"] in allowed]
    return _grouped(rows, keys, register_of)


async def status_by_register(reader: Reader, keys: Sequence[str]) -> list[list[StatusLineType]]:
    """Lines of the status board of each register, worst first."""
    rows = await reader.rows(
        f"""SELECT register_id AS owner, s.* FROM org_status s
            WHERE company_id = ? AND register_id IN ({marks(keys)}) ORDER BY severity_rank DESC, since_ms""",
        reader.company_id,
        *keys,
    )
    return _grouped(rows, keys, status_of)


async def places_by_operator(reader: Reader, keys: Sequence[str]) -> list[Places]:
    """Registers and groups each limited operator may use."""
    rows = await reader.rows(
        f"""SELECT operator_id, place_id, is_group FROM org_operator_reach
            WHERE company_id = ? AND operator_id IN ({marks(keys)}) ORDER BY id""",
        reader.company_id,
        *keys,
    )
    found: dict[str, Places] = defaultdict(Places)
    for row in rows:
        places = found[row["operator_id"]]
        (places.groups if row["is_group"] else places.registers).append(row["place_id"])
    return [found[key] for key in keys]


LOADERS: Mapping[str, BatchFunction] = {
    "organization.company_by_id": company_by_id,
    "organization.outlet_by_id": outlet_by_id,
    "organization.register_by_id": register_by_id,
    "organization.group_by_id": group_by_id,
    "organization.operator_by_id": operator_by_id,
    "organization.user_by_id": user_by_id,
    "organization.person_by_user": person_by_user,
    "organization.groups_by_register": groups_by_register,
    "organization.registers_by_group": registers_by_group,
    "organization.status_by_register": status_by_register,
    "organization.places_by_operator": places_by_operator,
}


async def _by_id(
    reader: Reader, table: str, keys: Sequence[str], make: Callable[[Mapping[str, Any]], Made]
) -> list[Made | None]:
    sql = f"SELECT * FROM {table} WHERE company_id = ? AND id IN ({marks(keys)})"
    found = {row["id"]: make(row) for row in await reader.rows(sql, reader.company_id, *keys)}
    return [found.get(key) for key in keys]


def _grouped(
    rows: Sequence[Mapping[str, Any]], keys: Sequence[str], make: Callable[[Mapping[str, Any]], Made]
) -> list[list[Made]]:
    found: dict[str, list[Made]] = defaultdict(list)
    for row in rows:
        found[row["owner"]].append(make(row))
    return [found[key] for key in keys]
