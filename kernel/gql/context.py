"""What a resolver may reach: the caller, the database, the loaders of this request. One per request, one per
event.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from kernel.errors import Fault
from kernel.i18n import DEFAULT_LANGUAGE
from kernel.security.principal import Principal

if TYPE_CHECKING:
    from kernel.addons.entries import BatchFunction
    from kernel.addons.registry import Registry
    from kernel.app import App
    from kernel.data.database import Database
    from kernel.data.work import Reader, Work

Command = TypeVar("Command")
Result = TypeVar("Result")

LOADER_BATCH_MAX = 500  # keys in one statement: below every engine's limit of parameters


class GqlContext:
    """Everything of one GraphQL operation, or of one event of a subscription.

    Loaders live here and die with it, so one caller never sees what was loaded for another.
    """

    __slots__ = ("_loaders", "app", "connection_params", "language", "operation", "principal", "request_id")

    def __init__(
        self, app: App, principal: Principal, *, request_id: str, language: str | None = None
    ) -> None:
        self.app = app
        self.principal = principal
        self.request_id = request_id
        self.language = language or principal.language or DEFAULT_LANGUAGE
        self.connection_params: object = None
        self.operation = "none"  # "query", "mutation" or "subscription" once the document is known
        self._loaders: dict[str, DataLoader[Any, Any]] = {}

    @property
    def database(self) -> Database:
        return self.app.database

    @property
    def registry(self) -> Registry:
        return self.app.registry

    def loader(self, name: str) -> DataLoader[Any, Any]:
        """The loader registered under that name; keys asked for in one turn become one batch."""
        found = self._loaders.get(name)
        if found is None:
            batch = self.registry.loaders.get(name)
            if batch is None:
                raise Fault(f"no loader is registered under {name!r}")
            found = self._loaders[name] = DataLoader(
                load_fn=self._reading_batch(batch), max_batch_size=LOADER_BATCH_MAX
            )
        return found

    def reading(self) -> AbstractAsyncContextManager[Reader]:
        """A reading scope of the caller: `async with info.context.reading() as reader`."""
        return self.database.reading(self.principal)

    async def transact(
        self, service: Callable[[Work, Command], Awaitable[Result]], command: Command
    ) -> Result:
        """Run a service in one transaction as the caller. What was loaded before is forgotten: it may be
        stale now.
        """
        result = await self.database.transact(service, command, principal=self.principal)
        self.forget()
        return result

    def forget(self) -> None:
        """Drop everything loaded so far."""
        self._loaders.clear()

    def fresh(self) -> GqlContext:
        """The same caller with nothing loaded yet: for the next event of a subscription."""
        return GqlContext(self.app, self.principal, request_id=self.request_id, language=self.language)

    def _reading_batch(self, batch: BatchFunction) -> Callable[[list[Any]], Awaitable[Sequence[Any]]]:
        """The batch function inside a reading scope of its own; it gives one result (or None) per key, in
        their order.
        """

        async def load(keys: list[Any]) -> Sequence[Any]:
            async with self.reading() as reader:
                return await batch(reader, keys)

        return load


Info = strawberry.Info[GqlContext, None]
