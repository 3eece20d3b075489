"""The event loop of servers is another one than that of tests: a payment goes through there too."""

from __future__ import annotations

import sys

import pytest

from addons.pos_terminal.domain.payment import PaymentState
from addons.pos_terminal.tests.own_terminals import FIRST_CODE
from tests.acquiring.stage import open_stage


@pytest.mark.skipif(sys.platform == "win32", reason="servers use asyncio's own loop there")
def test_a_payment_under_uvloop() -> None:
    import uvloop

    async def paid() -> PaymentState:
        async with open_stage() as stage:
            return await stage.state(await stage.pay(f"{FIRST_CODE:08}", 100_00))

    assert uvloop.run(paid()) is PaymentState.APPROVED
