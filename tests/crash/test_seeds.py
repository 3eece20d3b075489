"""The life of the simulated register (addons/fiscal_kz/tests/simulation.py) once more as a sample, on real
SQLite and real sockets: faults, offline periods, workers abandoned in the middle, clients that give up.

A failure names its seed; `pytest tests/crash/test_seeds.py -k <seed>` throws its dice again.
"""

from __future__ import annotations

import os

import pytest

from tests.crash.floor import open_floor

SCALE = int(os.environ.get("SAUDA_SCALE", "1"))
SEEDS = range(7_000, 7_000 + 6 * SCALE)
STEPS = 60

pytestmark = pytest.mark.slow
lived: dict[int, dict[str, int]] = {}


@pytest.mark.parametrize("seed", SEEDS)
async def test_any_life_on_real_sockets_ends_in_agreement(seed: int) -> None:
    async with open_floor(seed) as floor:
        for _ in range(STEPS):
            await floor.step()
        await floor.settle()

        assert floor.disagreements() == [], f"seed {seed}: {floor.happened}"
        lived[seed] = floor.happened


def test_these_lives_met_trouble() -> None:
    if len(lived) < len(SEEDS):
        pytest.skip("a single life need not meet everything")
    wanted = {"worker abandoned", "client gave up", "link", "OFFLINE", "FISCALIZED", "DONE", "PENDING"}

    assert wanted - {what for happened in lived.values() for what in happened} == set()
