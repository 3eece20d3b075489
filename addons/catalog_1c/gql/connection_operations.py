"""Root fields of 1C bases and their exchanges. Annotations are real in this module: Strawberry reads them."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, cast

import strawberry

from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.exchange import PATHS, FileId
from addons.catalog_1c.gql.connection_inputs import CatalogConnectionInput
from addons.catalog_1c.gql.connection_types import (
    SELECT_CONNECTION,
    SELECT_EXCHANGE,
    CatalogAccess,
    CatalogAccessResult,
    CatalogConnectionResult,
    CatalogConnectionType,
    ImportExchangeType,
    ImportFileResult,
    ImportFileType,
    connection_type,
    exchange_type,
)
from addons.catalog_1c.gql.types import CatalogImportType
from addons.catalog_1c.models import SessionState
from addons.catalog_1c.services.access import IssueAccess, issue_access, new_login, new_secret, revoke_access
from addons.catalog_1c.services.connections import TellSalesAgain, save_connection, tell_sales_again
from addons.catalog_1c.services.retry_file import retry_file
from addons.catalog_1c.services.sessions import SESSION_TOPIC
from kernel.clock import to_ms
from kernel.data.work import Param
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global, from_global_or_none
from kernel.gql.paging import After, Before, Connection, First, Key, KeysetList, Last, fetch_page, page
from kernel.gql.permissions import Requires
from kernel.security.passwords import hash_secret

VIEW, IMPORT, MANAGE = "catalog_1c.view", "catalog_1c.import", "catalog_1c.manage"

ConnectionArgument = Annotated[strawberry.ID, strawberry.argument(description="The 1C base.")]


@strawberry.type
class ConnectionQuery:
    """Root fields that read."""

    @strawberry.field(description="1C bases of the company.", permission_classes=[Requires(VIEW)])
    async def catalog_connections(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[CatalogConnectionType]:
        asked = page(first, after, last, before)
        async with info.context.reading() as reader:
            listed = KeysetList(SELECT_CONNECTION, "c.company_id = ?", (reader.company_id,), (Key("c.id"),))
            return await fetch_page(reader, listed, asked, connection_type)

    @strawberry.field(
        description="Sign-ins of 1C bases over HTTP with the files they sent, the newest first.",
        permission_classes=[Requires(VIEW)],
    )
    async def catalog_import_exchanges(
        self,
        info: Info,
        connection_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Of this 1C base only.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ImportExchangeType]:
        asked = page(first, after, last, before)
        key = from_global_or_none(connection_id, "CatalogConnection", field="connectionId")
        async with info.context.reading() as reader:
            where, params = "e.company_id = ?", [cast(Param, reader.company_id)]
            if key is not None:
                where, params = f"{where} AND e.connection_id = ?", [*params, key]
            listed = KeysetList(SELECT_EXCHANGE, where, tuple(params), (Key("e.id", is_descending=True),))
            return await fetch_page(reader, listed, asked, exchange_type)


@strawberry.type
class ConnectionMutation:
    """Root fields that change."""

    @strawberry.mutation(
        description="Make a 1C base or change it: every choice is given anew.",
        permission_classes=[Requires(MANAGE)],
    )
    async def save_catalog_connection(
        self,
        info: Info,
        input: Annotated[CatalogConnectionInput, strawberry.argument(description="The choices.")],
    ) -> CatalogConnectionResult:
        key = await info.context.transact(save_connection, input.command())
        return await CatalogConnectionType.load(info.context, key)

    @strawberry.mutation(
        description="Give a 1C base a login and a secret for the exchange over HTTP; those it had open "
        "nothing any more.",
        permission_classes=[Requires(MANAGE)],
    )
    async def issue_catalog_access(
        self, info: Info, connection_id: ConnectionArgument
    ) -> CatalogAccessResult:
        key = from_global(connection_id, "CatalogConnection", field="connectionId")
        if await CatalogConnectionType.load(info.context, key) is None:
            raise Refusal("C1C_CONNECTION_UNKNOWN", field="connectionId")
        login, secret = new_login(), new_secret()
        command = IssueAccess(ConnectionId(key), login, await hash_secret(secret))
        await info.context.transact(issue_access, command)
        connection = await CatalogConnectionType.load(info.context, key)
        return CatalogAccess(connection=connection, login=login, secret=secret, paths=list(PATHS))

    @strawberry.mutation(
        description="Take the login of a 1C base away.", permission_classes=[Requires(MANAGE)]
    )
    async def revoke_catalog_access(
        self, info: Info, connection_id: ConnectionArgument
    ) -> CatalogConnectionResult:
        key = from_global(connection_id, "CatalogConnection", field="connectionId")
        connection = await CatalogConnectionType.load(info.context, key)
        if connection is None:
            raise Refusal("C1C_CONNECTION_UNKNOWN", field="connectionId")
        await info.context.transact(revoke_access, ConnectionId(key))
        return await CatalogConnectionType.load(info.context, key)

    @strawberry.mutation(
        description="Offer sales once more to a 1C base that was restored from a copy. Documents keep their "
        "Ид and version.",
        permission_classes=[Requires(MANAGE)],
    )
    async def tell_sales_again(
        self,
        info: Info,
        connection_id: ConnectionArgument,
        since: Annotated[datetime, strawberry.argument(description="Shifts closed since then.")],
    ) -> CatalogConnectionResult:
        key = from_global(connection_id, "CatalogConnection", field="connectionId")
        await info.context.transact(tell_sales_again, TellSalesAgain(ConnectionId(key), to_ms(since)))
        return await CatalogConnectionType.load(info.context, key)

    @strawberry.mutation(
        description="Import a received file once more, as after the choices were put right.",
        permission_classes=[Requires(IMPORT)],
    )
    async def retry_catalog_import(
        self, info: Info, file_id: Annotated[strawberry.ID, strawberry.argument(description="The file.")]
    ) -> ImportFileResult:
        key = from_global(file_id, "CatalogImportFile", field="fileId")
        await info.context.transact(retry_file, FileId(key))
        return await ImportFileType.load(info.context, key)


@strawberry.type
class ConnectionSubscription:
    """Root fields that follow."""

    @strawberry.subscription(
        description="An import now and whenever it got on; ends with it. Without an id: every import of the "
        "company that begins, gets on or ends.",
        permission_classes=[Requires(VIEW)],
    )
    async def catalog_import_changed(
        self,
        info: Info,
        import_id: Annotated[strawberry.ID | None, strawberry.argument(description="The import.")] = None,
    ) -> AsyncIterator[CatalogImportType]:
        key = from_global_or_none(import_id, "CatalogImport", field="importId")
        async with info.context.app.bus.listen(SESSION_TOPIC) as ids:
            if key is not None:
                current = await CatalogImportType.load(info.context.fresh(), key)
                if current is None:
                    raise Refusal("C1C_IMPORT_UNKNOWN", field="importId")
                yield current
                if current.state is not SessionState.RUNNING:
                    return
            async for told in ids:
                if key is not None and told != key:
                    continue
                current = await CatalogImportType.load(info.context.fresh(), told)
                if current is None:
                    continue
                yield current
                if key is not None and current.state is not SessionState.RUNNING:
                    return
