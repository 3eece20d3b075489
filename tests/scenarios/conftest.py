"""One installation per test module, told to all its stories; every story has a till of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from simulators.till.shop import Till
from tests.scenarios.stage import Stage, open_stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """The installation the module's IS_CLUSTER asks for."""
    async with open_stage(
        tmp_path_factory.mktemp("house"), is_cluster=getattr(request.module, "IS_CLUSTER", False)
    ) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def till(request: pytest.FixtureRequest, stage: Stage) -> AsyncIterator[Till]:
    """A new register, or the common one of classes that say IS_TILL_SHARED because whatever they do is
    refused; when a story is told, both sides agree.
    """
    is_shared = getattr(request.cls, "IS_TILL_SHARED", False)
    opened = await (stage.common_till() if is_shared else stage.till())
    yield opened
    stage.simulator.faults.clear()
    await stage.simulator.accept_connections()
    await stage.agrees(opened)
