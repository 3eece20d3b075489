"""Root fields that read. Annotations are real in this module: Strawberry reads them."""

from typing import Annotated

import strawberry

from addons.dealer.domain.cards import DEALER_ROLE
from addons.dealer.gql.rows import client_of, link_type, move_type, party_of, register_of, visit_type
from addons.dealer.gql.types import (
    DealerBulkActionType,
    DealerClientType,
    DealerCountsType,
    DealerLinkType,
    DealerMoveType,
    DealerPartyType,
    DealerRegisterType,
    DealerRightType,
    DealerVisitType,
)
from addons.dealer.services.bulk import bulk_actions
from addons.dealer.services.links import CLIENTS_OF, grantable_rights, link_of, present_link
from addons.dealer.services.moves import moves_of
from addons.dealer.services.visits import visits_of
from addons.organization.api import (
    Role,
    company_cards,
    members_with_role,
    serviced_companies,
    serviced_registers,
)
from kernel.data.work import Param
from kernel.gql.context import Info
from kernel.gql.ids import from_global, to_global
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires

SERVE = [Requires("dealer.serve")]
ENGAGE = [Requires("dealer.engage")]
LINKS_MAX = 1_000
_WORST_FIRST = Key("worst", int, is_descending=True)


@strawberry.input(description="Which clients or registers to list; every given condition must hold.")
class DealerBoardFilter:
    worst_at_least: int = strawberry.field(
        default=0, description="1: with a warning or worse, 2: with an error."
    )
    text: str | None = strawberry.field(
        default=None, description="Stands in the client's title or BIN, or in the register's title."
    )
    client_id: strawberry.ID | None = strawberry.field(default=None, description="Of this client only.")


Filter = Annotated[DealerBoardFilter | None, strawberry.argument(description="Which ones.")]


@strawberry.type
class DealerQuery:
    """A dealer sees its clients, a client sees its dealer."""

    @strawberry.field(description="Clients, those with problems first.", permission_classes=SERVE)
    async def dealer_clients(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Filter = None,
    ) -> Connection[DealerClientType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            select, params = serviced_companies(CLIENTS_OF, [reader.company_id])
            where, bound = _condition(filter, ("title", "bin"), "id")
            keys = (_WORST_FIRST, Key("title"), Key("id"))
            return await fetch_page(
                reader, KeysetList(select, where, (*params, *bound), keys), asked, client_of
            )

    @strawberry.field(
        description="Registers of all clients, those with problems first.", permission_classes=SERVE
    )
    async def dealer_board(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Filter = None,
    ) -> Connection[DealerRegisterType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            select, params = serviced_registers(CLIENTS_OF, [reader.company_id])
            where, bound = _condition(filter, ("company_title", "title"), "company_id")
            keys = (_WORST_FIRST, Key("company_title"), Key("number", int), Key("id"))
            listed = KeysetList(select, where, (*params, *bound), keys)
            return await fetch_page(reader, listed, asked, register_of)

    @strawberry.field(description="The board in figures.", permission_classes=SERVE)
    async def dealer_counts(self, info: Info) -> DealerCountsType:
        async with info.context.reading() as reader:
            select, params = serviced_companies(CLIENTS_OF, [reader.company_id])
            totals = f"SELECT COUNT(*) AS clients, COALESCE(SUM(registers), 0) AS registers FROM ({select}) t"
            registers, bound = serviced_registers(CLIENTS_OF, [reader.company_id])
            worst = f"SELECT worst, COUNT(*) AS found FROM ({registers}) t GROUP BY worst"
            waiting = "SELECT COUNT(*) AS found FROM dealer_link WHERE dealer_id = ? AND state = 'requested'"
            sums, ranks, requests = await reader.together(
                (totals, params), (worst, bound), (waiting, (reader.company_id,))
            )
        by_rank = {row["worst"]: row["found"] for row in ranks}
        return DealerCountsType(
            clients=sums[0]["clients"],
            registers=int(sums[0]["registers"]),
            warnings=by_rank.get(1, 0),
            errors=by_rank.get(2, 0),
            requests=requests[0]["found"],
        )

    @strawberry.field(description="Requests of clients that wait, oldest first.", permission_classes=SERVE)
    async def dealer_requests(self, info: Info) -> list[DealerLinkType]:
        return await _links(info, "dealer_id = ? AND state = 'requested' ORDER BY asked_ms, id")

    @strawberry.field(
        description="Clients whose requests are not taken, the latest first.", permission_classes=SERVE
    )
    async def blocked_clients(self, info: Info) -> list[DealerPartyType]:
        async with info.context.reading() as reader:
            sql = """SELECT client_id FROM dealer_block WHERE dealer_id = ?
                     ORDER BY created_ms DESC, id DESC LIMIT ?"""
            keys = [row["client_id"] for row in await reader.rows(sql, reader.company_id, LINKS_MAX)]
            cards = await company_cards(reader, keys)
            return [party_of(cards[key]) for key in keys]

    @strawberry.field(
        description="The dealer who looks after the caller's company, or who was asked; null for none.",
        permission_classes=ENGAGE,
    )
    async def my_dealer(self, info: Info) -> DealerLinkType | None:
        async with info.context.reading() as reader:
            link = await present_link(reader, reader.company_id)
            if link is None:
                return None
            return link_type(link, await company_cards(reader, [link.dealer_id, link.client_id]))

    @strawberry.field(description="Former dealers and requests, the latest first.", permission_classes=ENGAGE)
    async def my_dealer_history(self, info: Info) -> list[DealerLinkType]:
        return await _links(info, "client_id = ? ORDER BY asked_ms DESC, id DESC")

    @strawberry.field(description="Who of a dealer was in the caller's company.", permission_classes=ENGAGE)
    async def my_dealer_visits(self, info: Info) -> list[DealerVisitType]:
        async with info.context.reading() as reader:
            return [visit_type(visit) for visit in await visits_of(reader, as_dealer=False)]

    @strawberry.field(description="Who of us was in clients' accounts.", permission_classes=SERVE)
    async def dealer_visits(self, info: Info) -> list[DealerVisitType]:
        async with info.context.reading() as reader:
            return [visit_type(visit) for visit in await visits_of(reader, as_dealer=True)]

    @strawberry.field(
        description="Proposals to move registers, of the caller's company to its dealer or client and back.",
        permission_classes=[Requires("organization.manage")],
    )
    async def dealer_moves(self, info: Info) -> list[DealerMoveType]:
        async with info.context.reading() as reader:
            rows = await moves_of(reader)
            sides = [side for row in rows for side in (row["from_id"], row["to_id"])]
            cards = await company_cards(reader, sides)
            return [move_type(row, reader.company_id, cards) for row in rows]

    @strawberry.field(
        description="The link with a client that is looked after; null when it is not one.",
        permission_classes=SERVE,
    )
    async def client_link(
        self,
        info: Info,
        client_id: Annotated[strawberry.ID, strawberry.argument(description="The client's company.")],
    ) -> DealerLinkType | None:
        key = from_global(client_id, "Company", field="clientId")
        sql = "dealer_id = ? AND client_id = ? AND state = 'accepted'"
        return next(iter(await _links(info, sql, key)), None)

    @strawberry.field(description="What a client may let its dealer do.", permission_classes=ENGAGE)
    async def dealer_rights(self, info: Info) -> list[DealerRightType]:
        return await _rights(info)

    @strawberry.field(
        description="What a dealer may be let do in the account of a client.", permission_classes=SERVE
    )
    async def client_rights(self, info: Info) -> list[DealerRightType]:
        return await _rights(info)

    @strawberry.field(
        description="Users of the caller's company who serve clients.",
        permission_classes=[Requires("dealer.appoint")],
    )
    async def dealer_people(self, info: Info) -> list[strawberry.ID]:
        async with info.context.reading() as reader:
            return [to_global("User", key) for key in await members_with_role(reader, DEALER_ROLE)]

    @strawberry.field(description="What can be done to many registers at once.", permission_classes=SERVE)
    async def dealer_actions(self, info: Info) -> list[DealerBulkActionType]:
        context = info.context
        actions = await context.database.transact(bulk_actions, principal=context.principal)
        return [
            DealerBulkActionType(
                name=action.name,
                title=action.titles[context.language],
                text_title=None if action.text_title is None else action.text_title[context.language],
                permission=action.permission,
            )
            for action in actions.found.values()
        ]


async def _rights(info: Info) -> list[DealerRightType]:
    context = info.context
    async with context.reading() as reader:
        grantable = grantable_rights(reader)
    reading = context.registry.roles.get(Role.ACCOUNTANT, frozenset())
    titles = {
        name: each for manifest in context.registry.addons for name, each in manifest.permissions.items()
    }
    return [
        DealerRightType(permission=name, title=titles[name][context.language], is_reading=name in reading)
        for name in sorted(grantable)
    ]


async def _links(info: Info, where: str, *params: Param) -> list[DealerLinkType]:
    async with info.context.reading() as reader:
        sql = f"SELECT * FROM dealer_link WHERE {where} LIMIT {LINKS_MAX}"
        links = [link_of(row) for row in await reader.rows(sql, reader.company_id, *params)]
        cards = await company_cards(
            reader, [side for link in links for side in (link.dealer_id, link.client_id)]
        )
        return [link_type(link, cards) for link in links]


def _condition(
    filter: DealerBoardFilter | None, texts: tuple[str, ...], company: str
) -> tuple[str, tuple[Param, ...]]:
    if filter is None:
        return "1 = 1", ()
    where, params = "worst >= ?", list[Param]([filter.worst_at_least])
    if filter.text:
        clean = filter.text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        where += f" AND ({' OR '.join(f'{column} LIKE ? ESCAPE {_ESCAPE}' for column in texts)})"
        params += [f"%{clean}%"] * len(texts)
    if filter.client_id is not None:
        where += f" AND {company} = ?"
        params.append(from_global(filter.client_id, "Company", field="filter.clientId"))
    return where, tuple(params)


_ESCAPE = "'!'"
