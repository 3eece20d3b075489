"""The way from here to a terminal in a shop's network: directly, or through the shop's agent."""

from __future__ import annotations

import asyncio
import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from addons.pos_terminal.domain.shop_exchange import ROAD_MS, TAKE_LIMIT_MS, ShopExchangeId
from addons.pos_terminal.services.shop_exchanges import (
    ENDED_TOPIC,
    PutQuestion,
    conclude,
    expire_untaken,
    has_ended,
    put_question,
)
from addons.pos_terminal.services.terminal_secrets import seal_secrets
from addons.pos_terminal.settings import AcquiringSettings
from kernel.config_sections import CoreSettings
from kernel.data.work import forbid_in_transaction
from kernel.device_http import DeviceNotReached, ask_device, origin_of
from kernel.ids import CompanyId
from kernel.security.principal import SYSTEM

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work
    from kernel.device_http import DeviceAnswer, DeviceRequest
    from kernel.security.principal import Principal

LOOK_S = 2.0  # a notice may be lost between processes: look that often


@dataclass(frozen=True, slots=True)
class HouseDoor:
    """See addons.pos_terminal.domain.driver.ShopDoor."""

    database: Database
    company_id: str
    outlet_id: str
    terminal_id: str
    is_through_agent: bool

    async def ask(self, request: DeviceRequest, *, limit_ms: int) -> DeviceAnswer:
        """See ShopDoor."""
        forbid_in_transaction()
        try:
            request = replace(request, origin=origin_of(request.origin))
        except ValueError as error:
            raise DeviceNotReached("address") from error
        if self.is_through_agent:
            return await self._through_agent(request, limit_ms)
        if not may_reach(self.database, request.origin):
            raise DeviceNotReached("forbidden")
        return await ask_device(request, limit_ms=limit_ms)

    async def keep_secrets(self, secrets: Mapping[str, str]) -> None:
        """See ShopDoor."""
        await self.database.transact(_keep, self.terminal_id, dict(secrets), principal=self._principal)

    async def _through_agent(self, request: DeviceRequest, limit_ms: int) -> DeviceAnswer:
        put = PutQuestion(self.outlet_id, self.terminal_id, limit_ms, request)
        key = await self.database.transact(put_question, put, principal=self._principal)
        if not await self._ended(key, TAKE_LIMIT_MS) and not await self._expired(key):
            await self._ended(key, limit_ms + ROAD_MS)
        told = await self.database.transact(conclude, key, principal=self._principal)
        return told.answer()

    async def _expired(self, key: ShopExchangeId) -> bool:
        return await self.database.transact(expire_untaken, key, principal=self._principal)

    @property
    def _principal(self) -> Principal:
        return SYSTEM.within(CompanyId(self.company_id))

    async def _ended(self, key: ShopExchangeId, limit_ms: int) -> bool:
        """Wait until an agent has told how it ended, at most so long."""
        now_s = asyncio.get_running_loop().time
        until_s = now_s() + limit_ms / 1_000
        async with self.database.bus.expect(ENDED_TOPIC, key) as waiter:
            while True:
                async with self.database.reading(self._principal) as reader:
                    if await has_ended(reader, key):
                        return True
                left_s = until_s - now_s()
                if left_s <= 0:
                    return False
                await waiter.wait(min(LOOK_S, left_s))


def may_reach(database: Database, origin: str) -> bool:
    """Whether this very server may ask that address: by the list of the set-up; without one, any address
    except in production, where a terminal's address is a way into the server's own network.
    """
    allowed = database.registry.settings_of(AcquiringSettings).terminal_addresses
    if allowed:
        return any(fnmatch.fnmatchcase(origin, pattern) for pattern in allowed)
    return not database.registry.settings_of(CoreSettings).production


async def _keep(work: Work, terminal_id: str, secrets: dict[str, str]) -> None:
    await work.execute(
        "UPDATE pos_terminal SET secrets_sealed = ? WHERE id = ? AND company_id = ?",
        seal_secrets(work, terminal_id, secrets),
        terminal_id,
        work.company_id,
    )
