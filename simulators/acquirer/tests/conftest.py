"""A host with one terminal that has its keys, at noon of an ordinary day in Almaty."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kernel.clock import FrozenClock
from simulators.acquirer.server import AcquirerSimulator
from simulators.acquirer.tests.terminal import TestTerminal

NOON = datetime(2026, 11, 20, 7, tzinfo=UTC)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
def host(clock: FrozenClock) -> AcquirerSimulator:
    return AcquirerSimulator(clock=clock)


@pytest.fixture
def terminal(host: AcquirerSimulator, clock: FrozenClock) -> TestTerminal:
    made = TestTerminal(host, clock)
    made.exchange_keys()
    return made
