"""For tests in which graphql-core cancels calls: `pytestmark = CANCELLING`."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator

import pytest

# When a field fails, graphql-core cancels its neighbours, some of them before they began to run.
CANCELLING = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("nothing_left"),
]


@pytest.fixture(scope="module")
def nothing_left() -> Iterator[None]:
    """What was left is gone before the tests of others look."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        gc.collect()
