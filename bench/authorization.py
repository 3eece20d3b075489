"""What it costs to know who is asking: per request, per sign-in, and for a dealer with a thousand clients.

    python -m bench.authorization

One process, SQLite, no network: the gateway's own price is in `bench.graphql_list`. "known" is a token seen
within the last seconds, as nearly all are; "unknown" asks the database. The list is 100 registers × 4 fields.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter

from addons.dealer.domain.cards import DEALER_ROLE
from addons.dealer.services.links import CLIENTS_OF
from addons.organization.api import (
    CreateCompany,
    CreateOwner,
    create_owner,
    hash_password,
    serviced_companies,
)
from addons.organization.domain.bin import check_digit
from addons.organization.services.sessions import TokenPair
from addons.organization.services.sign_in import SignIn, sign_in
from bench.figures import Figure, show_figures
from kernel.app import App
from kernel.clock import SystemClock
from kernel.data.work import Work
from kernel.gql.context import GqlContext
from kernel.ids import new_id
from kernel.security.authenticator import Authenticator
from kernel.security.principal import SYSTEM, Principal
from kernel.testing import running_app

EMAIL, PASSWORD, BIN = "bench@example.kz", "correct horse battery", "230140000109"
CLIENTS, REGISTERS = 1_000, 10
LIST = "{ registers(first: 100) { nodes { id number title isDecommissioned } } }"
BOARD = """{ dealerCounts { clients registers errors warnings requests }
    dealerClients(first: 50) { nodes { id bin title registers problems worst } } }"""
SHARE_MAX = 0.05  # of a list query spent on knowing who asks
SIGN_INS = 40
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Seat:
    """Who asks, with the token that says so."""

    principal: Principal
    token: str


def bin_of(place: int) -> str:
    """A BIN of its own for each shop."""
    first = next(
        text for text in (f"2302{place:02d}{tail:05d}" for tail in range(99)) if check_digit(text) is not None
    )
    return f"{first}{check_digit(first)}"


def run(rounds: int = 200) -> list[Figure]:
    """All figures of this bench."""
    return asyncio.run(_run(rounds))


async def _run(rounds: int) -> list[Figure]:
    logging.disable(logging.CRITICAL)
    async with running_app(["dealer"], clock=SystemClock()) as app:
        seat = await _seat(app)
        await app.database.transact(_fill, seat.principal.company_id, principal=SYSTEM)
        return [*await _requests(app, seat, rounds), await _sign_ins(app), *await _board(app, seat)]


async def _seat(app: App) -> Seat:
    command = CreateOwner(EMAIL, "Bench", await hash_password(PASSWORD), CreateCompany(BIN, "Dealer"))
    company_id, user_id = await app.database.transact(create_owner, command, principal=SYSTEM)
    await app.database.transact(_appoint, company_id, user_id, principal=SYSTEM)
    pair = await sign_in(app.database, SignIn(EMAIL, PASSWORD))
    assert isinstance(pair, TokenPair)
    authenticator = app.registry.port(Authenticator)  # type: ignore[type-abstract]
    return Seat(await authenticator.authenticate(app.database, pair.access), pair.access)


async def _appoint(work: Work, company_id: str, user_id: str) -> None:
    values = {"id": new_id(), "company_id": company_id, "user_id": user_id, "role": DEALER_ROLE}
    await work.insert("org_member_role", {**values, "created_ms": work.now_ms})


async def _fill(work: Work, dealer_id: str) -> None:
    """CLIENTS companies with REGISTERS registers each, every fifth with something wrong at one."""
    companies, outlets, registers, links, states = [], [], [], [], []
    for place in range(CLIENTS):
        company_id, outlet_id = new_id(), new_id()
        companies.append((company_id, f"{place:012d}", f"Client {place}", "", 0, "", "", work.now_ms))
        outlets.append((outlet_id, company_id, "Shop", "Abay 1", "", "Asia/Almaty", work.now_ms))
        links.append((new_id(), dealer_id, company_id, "accepted", "", work.now_ms, work.now_ms))
        for number in range(1, REGISTERS + 1):
            register_id = new_id()
            registers.append((register_id, company_id, outlet_id, number, "Till", 0, work.now_ms))
            if place % 5 == 0 and number == 1:
                line = (new_id(), company_id, register_id, "fleet", "error", 2, "SILENT", 1, "{}", 1)
                states.append(line)
    own = (new_id(), dealer_id, "Own", "Abay 1", "", "Asia/Almaty", work.now_ms)
    outlets.append(own)
    registers += [(new_id(), dealer_id, own[0], number, "Till", 0, work.now_ms) for number in range(1, 101)]
    columns = ("id", "bin", "title", "title_kk", "is_vat_payer", "vat_series", "vat_number", "created_ms")
    await work.insert_many("org_company", columns, companies)
    columns = ("id", "company_id", "title", "address", "address_kk", "zone", "created_ms")
    await work.insert_many("org_outlet", columns, outlets)
    columns = ("id", "company_id", "outlet_id", "number", "title", "is_decommissioned", "created_ms")
    await work.insert_many("org_register", columns, registers)
    columns = ("id", "dealer_id", "client_id", "state", "permissions", "asked_ms", "answered_ms")
    await work.insert_many("dealer_link", columns, links)
    await work.insert_many(
        "org_status",
        (
            *("id", "company_id", "register_id", "source", "severity", "severity_rank", "code"),
            *("since_ms", "facts", "updated_ms"),
        ),
        states,
    )


async def _requests(app: App, seat: Seat, rounds: int) -> list[Figure]:
    authenticator = app.registry.port(Authenticator)  # type: ignore[type-abstract]

    async def known() -> None:
        await authenticator.authenticate(app.database, seat.token)

    async def unknown() -> None:
        authenticator.forget()  # type: ignore[attr-defined]
        await authenticator.authenticate(app.database, seat.token)

    async def listed() -> None:
        context = GqlContext(app, seat.principal, request_id="bench", language="en")
        result = await app.schema.execute(LIST, context_value=context)
        assert result.errors is None, result.errors

    list_s = await _median_s(listed, rounds)
    known_s, unknown_s = await _median_s(known, rounds * 5), await _median_s(unknown, rounds)
    share = known_s / list_s
    return [
        Figure(
            "who asks, a known token",
            f"{known_s * 1e6:.1f} µs of {list_s * 1e3:.2f} ms",
            share,
            f"<= {SHARE_MAX:.0%} of a list",
            share <= SHARE_MAX,
        ),
        Figure(
            "who asks, an unknown token", f"{unknown_s * 1e6:.0f} µs", unknown_s / list_s, "of a list", None
        ),
    ]


async def _sign_ins(app: App) -> Figure:
    async def one(email: str) -> None:
        for _ in range(SIGN_INS // AT_ONCE):
            await sign_in(app.database, SignIn(email, PASSWORD))

    password_hash, emails = await hash_password(PASSWORD), [f"{place}-{EMAIL}" for place in range(AT_ONCE)]
    for place, email in enumerate(emails):
        company = CreateCompany(bin_of(place), "Shop")
        user = CreateOwner(email, "Bench", password_hash, company)
        await app.database.transact(create_owner, user, principal=SYSTEM)
    begun = perf_counter()
    await asyncio.gather(*(one(email) for email in emails))
    rate = SIGN_INS / (perf_counter() - begun)
    return Figure("sign-ins with a password", f"{rate:.0f}/s", None, "argon2id on 2 threads", None)


async def _board(app: App, seat: Seat) -> list[Figure]:
    select, params = serviced_companies(CLIENTS_OF, [seat.principal.company_id])
    order = "ORDER BY worst DESC, title, id LIMIT 50"

    async def raw() -> None:
        async with app.database.reading(seat.principal) as reader:
            rows = await reader.rows(f"{select} {order}", *params)
            assert len(rows) == 50

    async def board() -> None:
        context = GqlContext(app, seat.principal, request_id="bench", language="en")
        result = await app.schema.execute(BOARD, context_value=context)
        assert result.errors is None, result.errors
        assert result.data is not None
        assert result.data["dealerCounts"]["registers"] == CLIENTS * REGISTERS

    raw_s, board_s = await _median_s(raw, 9), await _median_s(board, 9)
    found = f"{board_s * 1e3:.0f} ms, the raw list {raw_s * 1e3:.0f} ms"
    what = f"board of {CLIENTS:,} × {REGISTERS}: 50 clients and counts"
    return [Figure(what, found, board_s / raw_s, "to the raw query of the list", None)]


async def _median_s(what: Callable[[], Awaitable[None]], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begun = perf_counter()
        await what()
        times.append(perf_counter() - begun)
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    show_figures("authorization", run())
