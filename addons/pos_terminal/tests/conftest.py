"""A counter and a merchant for a test; what they need is read when a test wants one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from addons.pos_terminal.tests.counter import Counter
    from addons.pos_terminal.tests.merchant import Merchant


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    """A counter with a terminal of each kind of driver."""
    from addons.pos_terminal.tests.counter import open_counter

    async with open_counter() as opened:
        yield opened


@pytest.fixture
async def merchant(tmp_path: Path) -> AsyncIterator[Merchant]:
    """A company that applies for terminals and reads statements."""
    from addons.pos_terminal.tests.merchant import open_merchant

    async with open_merchant(tmp_path) as opened:
        yield opened
