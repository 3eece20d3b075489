"""Root fields that read. Annotations are real in this module: Strawberry reads them."""

from collections.abc import Callable
from typing import Annotated

import strawberry

from addons.organization.gql.access_types import ApiTokenType, AuditEntryType, DeviceType, MeType
from addons.organization.gql.loaders import USERS
from addons.organization.gql.rows import (
    Row,
    api_token_of,
    audit_of,
    company_of,
    device_of,
    group_of,
    operator_of,
    outlet_of,
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
from addons.organization.services.audit_log import AuditWish, condition_of
from kernel.clock import to_ms
from kernel.data.work import Param
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.paging import (
    After,
    Before,
    Connection,
    First,
    Item,
    Key,
    KeysetList,
    Last,
    Page,
    fetch_page,
    page,
)
from kernel.gql.permissions import Public, Requires
from kernel.gql.scalars import DateTime
from kernel.security.principal import Principal, PrincipalKind

_BY_ID = (Key("id"),)
_LATEST = (Key("created_ms", int, is_descending=True), Key("id", str, is_descending=True))


@strawberry.input(description="Which registers to list; every given condition must hold.")
class RegisterFilter:
    outlet_id: strawberry.ID | None = strawberry.field(default=None, description="Of this outlet.")
    group_id: strawberry.ID | None = strawberry.field(default=None, description="In this group.")
    is_decommissioned: bool | None = strawberry.field(default=None, description="In use or not.")


@strawberry.input(description="Which operators to list; every given condition must hold.")
class OperatorFilter:
    is_active: bool | None = strawberry.field(default=None, description="Active or not.")
    register_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who may work at this register."
    )


@strawberry.input(description="Which entries to list; every given condition must hold.")
class AuditFilter:
    action: str | None = strawberry.field(
        default=None, description="With exactly this action, or any that begins so when it ends in a point."
    )
    subject: str | None = strawberry.field(default=None, description="About exactly this subject.")
    actor_id: str | None = strawberry.field(default=None, description="By exactly this actor.")
    address: str | None = strawberry.field(default=None, description="From exactly this address.")
    since: DateTime | None = strawberry.field(default=None, description="Not before this moment.")
    until: DateTime | None = strawberry.field(default=None, description="Before this moment.")
    text: str | None = strawberry.field(default=None, description="Stands in subject or facts.")
    is_guest: bool | None = strawberry.field(default=None, description="By guests, such as a dealer, or not.")


@strawberry.type
class OrganizationQuery:
    """Everything here is of the caller's company."""

    @strawberry.field(description="The caller; null when nobody is signed in.", permission_classes=[Public])
    async def me(self, info: Info) -> MeType | None:
        principal = info.context.principal
        if principal.kind is PrincipalKind.ANONYMOUS:
            return None
        is_operator = principal.kind is PrincipalKind.OPERATOR
        return MeType(
            company_key=principal.company_id,
            operator_key=principal.subject_id if is_operator else None,
            via_key=principal.via_company_id,
            kind=principal.kind,
            subject_id=principal.subject_id,
            permissions=sorted(principal.permissions),
            language=info.context.language,
        )

    @strawberry.field(
        description="The caller's company first, then others the caller's user belongs to.",
        permission_classes=[Requires("organization.view")],
    )
    async def companies(self, info: Info) -> list[CompanyType]:
        async with info.context.reading() as reader:
            rows = await reader.rows(
                """SELECT * FROM org_company WHERE id = ? OR id IN
                   (SELECT company_id FROM org_membership WHERE user_id = ? AND is_active = 1)
                   ORDER BY CASE WHEN id = ? THEN 0 ELSE 1 END, id LIMIT 100""",
                reader.company_id,
                reader.principal.subject_id,
                reader.company_id,
            )
        return [company_of(row) for row in rows]

    @strawberry.field(description="Outlets.", permission_classes=[Requires("organization.view")])
    async def outlets(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[OutletType]:
        return await _listed(info, "org_outlet", _BY_ID, outlet_of, page(first, after, last, before))

    @strawberry.field(
        description="Registers by number; a caller limited to some sees only those.",
        permission_classes=[Requires("organization.view")],
    )
    async def registers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[RegisterFilter | None, strawberry.argument(description="Which ones.")] = None,
    ) -> Connection[RegisterType]:
        asked = page(first, after, last, before)
        where, params = _registers_allowed("id", info.context.principal)
        if filter is not None:
            where, params = _filtered(filter, where, params)
        return await _listed(info, "org_register", (Key("number", int),), register_of, asked, where, params)

    @strawberry.field(
        description="Register groups by title.", permission_classes=[Requires("organization.view")]
    )
    async def register_groups(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[RegisterGroupType]:
        asked = page(first, after, last, before)
        return await _listed(info, "org_register_group", (Key("title"),), group_of, asked)

    @strawberry.field(description="Operators by code.", permission_classes=[Requires("organization.view")])
    async def operators(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[OperatorFilter | None, strawberry.argument(description="Which ones.")] = None,
    ) -> Connection[OperatorType]:
        asked = page(first, after, last, before)
        where, params = _people(filter) if filter is not None else ("1 = 1", ())
        return await _listed(info, "org_operator", (Key("code", int),), operator_of, asked, where, params)

    @strawberry.field(
        description="Users of the company.", permission_classes=[Requires("organization.manage_access")]
    )
    async def users(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[UserType]:
        async with info.context.reading() as reader:
            listed = KeysetList(USERS, "m.company_id = ?", (reader.company_id,), (Key("u.id"),))
            return await fetch_page(reader, listed, page(first, after, last, before), user_of)

    @strawberry.field(
        description="Devices, the latest first.", permission_classes=[Requires("organization.manage")]
    )
    async def devices(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[DeviceType]:
        asked = page(first, after, last, before)
        where, params = _registers_allowed("register_id", info.context.principal)
        return await _listed(info, "org_device", _LATEST, device_of, asked, where, params)

    @strawberry.field(
        description="API tokens, the latest first.",
        permission_classes=[Requires("organization.manage_access")],
    )
    async def api_tokens(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ApiTokenType]:
        asked = page(first, after, last, before)
        return await _listed(info, "org_api_token", _LATEST, api_token_of, asked)

    @strawberry.field(
        description="What is wrong at registers, worst first.",
        permission_classes=[Requires("organization.view_status")],
    )
    async def status_board(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[StatusLineType]:
        asked = page(first, after, last, before)
        keys = (Key("severity_rank", int, is_descending=True), Key("id"))
        where, params = _registers_allowed("register_id", info.context.principal)
        return await _listed(info, "org_status", keys, status_of, asked, where, params)

    @strawberry.field(
        description="Who did what, the latest first.",
        permission_classes=[Requires("organization.view_audit")],
    )
    async def audit_log(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[AuditFilter | None, strawberry.argument(description="Which ones.")] = None,
    ) -> Connection[AuditEntryType]:
        asked = page(first, after, last, before)
        keys = (Key("at_ms", int, is_descending=True), Key("id", str, is_descending=True))
        where, params = _entries(filter) if filter is not None else ("1 = 1", ())
        return await _listed(info, "kernel_audit", keys, audit_of, asked, where, params)


async def _listed(
    info: Info,
    table: str,
    keys: tuple[Key, ...],
    make: Callable[[Row], Item],
    asked: Page,
    where: str = "1 = 1",
    params: tuple[Param, ...] = (),
) -> Connection[Item]:
    """A page of the company's rows of one table that fulfil a condition."""
    async with info.context.reading() as reader:
        listed = KeysetList(
            select=f"SELECT * FROM {table}",
            where=f"company_id = ? AND {where}",
            params=(reader.company_id, *params),
            keys=keys,
        )
        return await fetch_page(reader, listed, asked, make)


def _registers_allowed(column: str, principal: Principal) -> tuple[str, tuple[Param, ...]]:
    """Condition on the register a row is about, for callers limited to some registers."""
    allowed = principal.register_ids
    if allowed is None:
        return "1 = 1", ()
    if not allowed:
        return "1 = 0", ()
    return f"{column} IN ({', '.join('?' * len(allowed))})", tuple(sorted(allowed))


def _filtered(filter: RegisterFilter, where: str, params: tuple[Param, ...]) -> tuple[str, tuple[Param, ...]]:
    if filter.outlet_id is not None:
        key = from_global(filter.outlet_id, "Outlet", field="filter.outletId")
        where, params = f"{where} AND outlet_id = ?", (*params, key)
    if filter.group_id is not None:
        key = from_global(filter.group_id, "RegisterGroup", field="filter.groupId")
        members = "SELECT register_id FROM org_register_group_member WHERE group_id = ?"
        where, params = f"{where} AND id IN ({members})", (*params, key)
    if filter.is_decommissioned is not None:
        where, params = f"{where} AND is_decommissioned = ?", (*params, int(filter.is_decommissioned))
    return where, params


def _people(filter: OperatorFilter) -> tuple[str, tuple[Param, ...]]:
    where, params = "1 = 1", tuple[Param, ...]()
    if filter.is_active is not None:
        where, params = f"{where} AND is_active = ?", (*params, int(filter.is_active))
    if filter.register_id is not None:
        key = from_global(filter.register_id, "Register", field="filter.registerId")
        groups = "SELECT group_id FROM org_register_group_member WHERE register_id = ?"
        reach = f"SELECT operator_id FROM org_operator_reach WHERE place_id = ? OR place_id IN ({groups})"
        where, params = f"{where} AND (is_limited = 0 OR id IN ({reach}))", (*params, key, key)
    return where, params


def _entries(filter: AuditFilter) -> tuple[str, tuple[Param, ...]]:
    wish = AuditWish(
        action=filter.action,
        subject=filter.subject,
        actor_id=filter.actor_id,
        address=filter.address,
        from_ms=None if filter.since is None else to_ms(filter.since),
        to_ms=None if filter.until is None else to_ms(filter.until),
        text=filter.text,
        is_guest=filter.is_guest,
    )
    return condition_of(wish)
