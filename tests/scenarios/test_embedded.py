"""All stories on one machine: one process, SQLite, the bus in memory.

Bad input comes first: nothing is stored by halves is easily seen while little is stored at all.
"""

from __future__ import annotations

import pytest

from tests.scenarios.stories.bad_bytes import BadByteStories
from tests.scenarios.stories.bad_callers import BadCallerStories
from tests.scenarios.stories.bad_documents import BadDocumentStories
from tests.scenarios.stories.bad_sales import BadSaleStories
from tests.scenarios.stories.blocks import BlockStories
from tests.scenarios.stories.equipment import EquipmentStories
from tests.scenarios.stories.keys import KeyStories
from tests.scenarios.stories.offline import OfflineStories
from tests.scenarios.stories.onec import OneCStories
from tests.scenarios.stories.printing import PrintingStories
from tests.scenarios.stories.selling import SellingStories
from tests.scenarios.stories.shifts import ShiftStories
from tests.scenarios.stories.watching import WatchingStories

IS_CLUSTER = False
pytestmark = pytest.mark.asyncio(loop_scope="module")


class TestBadBytes(BadByteStories): ...


class TestBadCallers(BadCallerStories): ...


class TestBadDocuments(BadDocumentStories): ...


class TestBadSales(BadSaleStories): ...


class TestSelling(SellingStories): ...


class TestEquipment(EquipmentStories): ...


class TestOneC(OneCStories): ...


class TestKeys(KeyStories): ...


class TestShifts(ShiftStories): ...


class TestOffline(OfflineStories): ...


class TestBlocks(BlockStories): ...


class TestPrinting(PrintingStories): ...


class TestWatching(WatchingStories): ...
