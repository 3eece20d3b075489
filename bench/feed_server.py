"""The server of bench/feed.py, in a process of its own: `python -m bench.feed_server 20000 100`.

A company with that many cards, and devices. Orders come line by line over standard input: how many of the
first cards to change, and a word that makes them other.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from functools import partial
from typing import Any

import uvloop

BATCH_ROWS = 500


async def serve(cards: int, devices: int) -> None:
    """A company with goods and devices; orders come line by line over standard input."""
    from addons.catalog.domain.source import SourceKey
    from addons.catalog.services.upsert_goods import upsert_goods
    from addons.organization.api import (
        CreateCompany,
        CreateOutlet,
        CreateRegister,
        create_company,
        create_outlet,
        create_register,
    )
    from addons.organization.services.devices import IssueBinding, bind, issue_binding
    from gateway.server import serving
    from kernel.clock import SystemClock
    from kernel.config_sections import LogSettings
    from kernel.ids import new_id
    from kernel.logs import configure_logs
    from kernel.security.principal import SYSTEM
    from kernel.testing import running_app

    configure_logs(LogSettings(level="warning"))
    async with running_app(["catalog"], clock=SystemClock()) as app:
        transact = app.database.transact
        company_id = await transact(create_company, CreateCompany("230140000109", "Өлшем"), principal=SYSTEM)
        run = partial(transact, principal=SYSTEM.within(company_id))
        outlet_id = await run(create_outlet, CreateOutlet("Дүкен", "Алматы"))
        source = SourceKey(new_id())
        for first in range(0, cards, BATCH_ROWS):
            await run(upsert_goods, source, goods(first, min(first + BATCH_ROWS, cards), "first"))
        tokens = []
        for number in range(devices):
            register_id = await run(create_register, CreateRegister(outlet_id, f"Касса {number}"))
            issued = await run(issue_binding, IssueBinding(register_id, "Касса"))
            tokens.append((await bind(app.database, issued.token)).token)
        async with serving(app, host="127.0.0.1", port=0) as address:
            tell({"address": address, "tokens": tokens, "file": app.database.url.path, "company": company_id})
            loop = asyncio.get_running_loop()
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                count, version = line.strip().split(maxsplit=1)
                for first in range(0, int(count), BATCH_ROWS):
                    last = min(first + BATCH_ROWS, int(count))
                    await run(upsert_goods, source, goods(first, last, version))
                tell({"done": time.time()})


def goods(first: int, last: int, version: str) -> list[Any]:
    """Rows of a source, as an import brings them."""
    from addons.catalog.domain.source import GoodsRow
    from kernel.money import Money

    return [
        GoodsRow(
            external_id=f"good-{number}",
            digest=version,
            name=f"Молоко «Степь» № {number}, {version}",
            name_kk=f"Сүт «Дала» № {number}",
            article=f"АРТ-{number:06d}",
            barcodes=(f"487{number:010d}",),
            price=Money(15_000 + number % 5_000),
            vat_bp=1600,
        )
        for number in range(first, last)
    ]


def tell(news: dict[str, Any]) -> None:
    """One line to whoever started us."""
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
