"""The status board."""

from __future__ import annotations

import asyncio

from addons.organization.api import CreateRegister, Severity, create_register, report_status
from addons.organization.tests.shops import SECOND_BIN, Shop, ask, open_shop, opened_app
from kernel.app import App
from kernel.gql.context import GqlContext

BOARD = (
    "{ statusBoard(first: 10) { nodes { source severity code since facts register { number } } totalCount } }"
)

TURNS = 100  # of the event loop: until the subscription listens


async def _report(
    app: App,
    shop: Shop,
    source: str,
    severity: Severity,
    code: str,
    *,
    since_ms: int = 1000,
    register: str = "",
) -> None:
    async def report(work: object) -> None:
        await report_status(
            work,  # type: ignore[arg-type]
            register or shop.register_id,
            source=source,
            severity=severity,
            code=code,
            since_ms=since_ms,
            facts={"queue": 3},
        )

    await app.database.transact(report, principal=shop.owner)


async def test_the_worst_stands_first_and_each_source_has_one_line() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        await _report(app, shop, "fiscal_kz", Severity.WARNING, "OFFLINE")
        await _report(app, shop, "fiscal_kz", Severity.WARNING, "SHIFT_LONG")
        await _report(app, shop, "fleet", Severity.ERROR, "SILENT")

        board = (await ask(app, BOARD, shop.owner))["statusBoard"]

        assert [(line["source"], line["code"]) for line in board["nodes"]] == [
            ("fleet", "SILENT"),
            ("fiscal_kz", "SHIFT_LONG"),
        ]
        assert board["nodes"][0]["register"] == {"number": 1}
        assert board["nodes"][0]["facts"] == '{"queue":3}'
        assert board["totalCount"] == 2


async def test_a_repeated_code_keeps_its_beginning_and_a_new_one_begins_anew() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        await _report(app, shop, "fiscal_kz", Severity.WARNING, "OFFLINE", since_ms=1000)
        await _report(app, shop, "fiscal_kz", Severity.ERROR, "OFFLINE", since_ms=5000)

        (line,) = (await ask(app, BOARD, shop.owner))["statusBoard"]["nodes"]

        assert (line["severity"], line["since"]) == ("ERROR", "1970-01-01T00:00:01.000Z")
        await _report(app, shop, "fiscal_kz", Severity.ERROR, "BLOCKED", since_ms=5000)
        (line,) = (await ask(app, BOARD, shop.owner))["statusBoard"]["nodes"]
        assert line["since"] == "1970-01-01T00:00:05.000Z"


async def test_ok_takes_the_line_off_the_board() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        await _report(app, shop, "fiscal_kz", Severity.ERROR, "BLOCKED")
        await _report(app, shop, "fiscal_kz", Severity.OK, "OK")
        await _report(app, shop, "fleet", Severity.OK, "OK")

        board = (await ask(app, BOARD, shop.owner))["statusBoard"]

        assert board == {"nodes": [], "totalCount": 0}


async def test_a_register_carries_its_own_lines() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        command = CreateRegister(shop.outlet_id, "Second")
        second = await app.database.transact(create_register, command, principal=shop.owner)
        await _report(app, shop, "fleet", Severity.ERROR, "SILENT", register=second)

        data = await ask(app, "{ registers(first: 5) { nodes { number status { code } } } }", shop.owner)

        assert data["registers"]["nodes"] == [
            {"number": 1, "status": []},
            {"number": 2, "status": [{"code": "SILENT"}]},
        ]


async def test_a_change_of_the_board_is_followed_within_the_company_only() -> None:
    async with opened_app() as app:
        shop, other = await open_shop(app), await open_shop(app, SECOND_BIN)
        context = GqlContext(app, shop.owner, request_id="test", language="en")
        document = "subscription { registerStatusChanged { number status { code } } }"
        events = await app.schema.subscribe(document, context_value=context)
        following = aiter(events)  # type: ignore[arg-type]

        first = asyncio.ensure_future(anext(following))
        for _ in range(TURNS):
            await asyncio.sleep(0)
        await _report(app, other, "fleet", Severity.ERROR, "SILENT")
        await _report(app, shop, "fleet", Severity.WARNING, "SLOW")
        event = await asyncio.wait_for(first, 60)
        await following.aclose()  # type: ignore[attr-defined]

        assert event.data == {"registerStatusChanged": {"number": 1, "status": [{"code": "SLOW"}]}}
