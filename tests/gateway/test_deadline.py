"""A deadline ends its own block alone."""

from __future__ import annotations

import asyncio

import pytest

from gateway.deadline import Deadline

NEVER_S = 3_600


async def test_a_block_that_takes_too_long_ends_with_a_timeout_and_its_task_goes_on() -> None:
    with pytest.raises(TimeoutError), Deadline(0):
        await asyncio.Event().wait()

    await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_who_cancels_the_task_is_heard_as_such() -> None:
    entered = asyncio.Event()

    async def serve() -> None:
        with Deadline(NEVER_S):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(serve())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_beside_the_timeout_is_no_timeout() -> None:
    entered = asyncio.Event()
    deadline = Deadline(NEVER_S)

    async def serve() -> None:
        with deadline:
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(serve())
    await entered.wait()
    deadline._interrupt()  # its time is over, and before it hears of that
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_block_passes_and_the_time_is_not_waited_for() -> None:
    with pytest.raises(KeyError), Deadline(0):
        raise KeyError("x")
    with Deadline(0):
        pass
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # an interruption would come here
