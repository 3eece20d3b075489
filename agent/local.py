"""The agent inside `sauda up`: the same agent, the same memory, only that the server is this very process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from agent.agent import Agent
from agent.documents import NEWS
from agent.memory import Memory, MemoryTaken
from agent.server import ServerAway, ServerRefuses, value_of
from kernel.app import App
from kernel.errors import Refusal, Unavailable
from kernel.gql.context import GqlContext
from kernel.printing.local import LocalPrinting, LocalQueue
from kernel.security.principal import SYSTEM, Principal

LOOK_S = 10.0  # how often the set-up of local printers is looked at

log = logging.getLogger("sauda.agent")


class HouseServer:
    """The server's own schema, asked without a socket."""

    def __init__(self, app: App, principal: Principal) -> None:
        self._app = app
        self._principal = principal

    async def ask(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """See agent.server.Server."""
        try:
            result = await self._app.schema.execute(
                document, variable_values=variables, context_value=self._context()
            )
        except Unavailable as away:
            raise ServerAway(away.code) from away
        return value_of(_body(result))

    async def news(self, document: str = NEWS) -> AsyncGenerator[None, None]:
        """See agent.server.Server."""
        events = await self._app.schema.subscribe(document, context_value=self._context())
        if not hasattr(events, "__aiter__"):
            value_of(_body(events))
            return
        async for event in events:
            value_of(_body(event))
            yield None

    def _context(self) -> GqlContext:
        return GqlContext(self._app, self._principal, request_id="local agent")


@asynccontextmanager
async def printing_locally(app: App) -> AsyncIterator[None]:
    """While inside, printers marked local are printed on; without an add-on that has any, nothing runs."""
    port = app.registry.port_or_none(LocalPrinting)
    if port is None:
        yield
        return
    task = asyncio.create_task(_serve(app, port), name="local-agents")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _serve(app: App, port: LocalPrinting) -> None:
    running: dict[str, asyncio.Task[None]] = {}
    try:
        while True:
            async with app.database.reading(SYSTEM) as reader:
                wanted = {queue.name: queue for queue in await port.queues(reader)}
            for name in running.keys() - wanted.keys():
                running.pop(name).cancel()
            for name, queue in wanted.items():
                if name not in running or running[name].done():
                    running[name] = asyncio.create_task(_work(app, queue), name=f"local-agent-{name}")
            await asyncio.sleep(LOOK_S)
    finally:
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)


async def _work(app: App, queue: LocalQueue) -> None:
    try:
        memory = Memory(Path(queue.folder) / f"{queue.name}.db")
    except (MemoryTaken, OSError) as error:
        log.error("local printing of %s: %s", queue.name, error)
        return
    try:
        await Agent(HouseServer(app, queue.principal), memory).run()
    except (ServerRefuses, Refusal) as refused:
        log.error("local printing of %s: %s", queue.name, refused)
    finally:
        memory.close()


def _body(result: Any) -> dict[str, Any]:
    errors = [
        {"message": error.message, "extensions": dict(error.extensions or {})}
        for error in result.errors or ()
    ]
    return {"data": result.data, "errors": errors}
