"""Whatever comes in wrong is refused clearly, and nothing is stored by halves."""

from __future__ import annotations

import pytest
import pytest_asyncio

from simulators.till.shop import Till
from tests.scenarios.stage import Stage
from tests.scenarios.stories.bad_bytes import BadByteStories
from tests.scenarios.stories.bad_callers import BadCallerStories
from tests.scenarios.stories.bad_documents import BadDocumentStories
from tests.scenarios.stories.bad_sales import BadSaleStories

IS_CLUSTER = False
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def till(stage: Stage) -> Till:
    """One register for all: whatever is refused leaves it as it was."""
    return await stage.till()


class TestBytes(BadByteStories): ...


class TestCallers(BadCallerStories): ...


class TestDocuments(BadDocumentStories): ...


class TestSales(BadSaleStories): ...
