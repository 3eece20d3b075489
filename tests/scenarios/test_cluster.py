"""The same stories on a cluster: a gateway and two workers apart, MariaDB and Redis between them."""

from __future__ import annotations

import pytest

from tests.scenarios.stories.blocks import BlockStories
from tests.scenarios.stories.keys import KeyStories
from tests.scenarios.stories.offline import OfflineStories
from tests.scenarios.stories.onec import OneCStories
from tests.scenarios.stories.printing import PrintingStories
from tests.scenarios.stories.selling import SellingStories
from tests.scenarios.stories.shifts import ShiftStories
from tests.scenarios.stories.watching import WatchingStories

IS_CLUSTER = True
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.mariadb, pytest.mark.redis]


class TestSelling(SellingStories): ...


class TestOneC(OneCStories): ...


class TestKeys(KeyStories): ...


class TestShifts(ShiftStories): ...


class TestOffline(OfflineStories): ...


class TestBlocks(BlockStories): ...


class TestPrinting(PrintingStories): ...


class TestWatching(WatchingStories): ...
