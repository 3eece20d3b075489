"""The whole story on MariaDB: locks of a client, the board's SQL, a workplace that moves."""

from __future__ import annotations

import asyncio

import pytest

from addons.dealer.services.moves import AnswerMove, ProposeMove, answer_move, propose_move
from addons.dealer.services.requests import AskDealer, ask_dealer, cancel_request, part_from_dealer
from addons.dealer.services.statement import month_statement
from addons.dealer.services.visits import enter_client
from addons.dealer.tests.service_centre import SEE, ask, engage, open_dealer, open_side
from kernel.errors import Refusal
from kernel.security.authenticator import Authenticator
from kernel.testing.app import running_app
from kernel.testing.schema import mysql_database

pytestmark = pytest.mark.mariadb

BOARD = """{ dealerCounts { clients registers requests }
    dealerBoard(first: 9, filter: {text: "Shop"}) { totalCount nodes { clientTitle worst codes } }
    dealerClients(first: 9) { nodes { title registers } } }"""


async def test_from_request_to_parting_on_mariadb() -> None:
    async with mysql_database() as url, running_app(["dealer"], url=url) as app:
        dealer, client = await open_dealer(app), await open_side(app, 1)
        asked = AskDealer(dealer.bin, (SEE,))
        both = await asyncio.gather(
            *(app.database.transact(ask_dealer, asked, principal=client.owner) for _ in range(2)),
            return_exceptions=True,
        )
        refused = [each for each in both if isinstance(each, Refusal)]
        assert [each.code for each in refused] == ["DEALER_ASKED_ALREADY"]
        await app.database.transact(cancel_request, principal=client.owner)
        link = await engage(app, dealer, client)
        pair = await app.database.transact(enter_client, client.company_id, principal=dealer.owner)
        authenticator = app.registry.port(Authenticator)  # type: ignore[type-abstract]
        guest = await authenticator.authenticate(app.database, pair.access)
        assert (guest.company_id, guest.permissions) == (client.company_id, {SEE})
        move = ProposeMove(link, dealer.register_id)
        move_id = await app.database.transact(propose_move, move, principal=dealer.owner)
        answer = AnswerMove(move_id, True, client.outlet_id)
        await app.database.transact(answer_move, answer, principal=client.owner)

        board = await ask(app, BOARD, dealer.owner)

        assert board["dealerCounts"] == {"clients": 1, "registers": 2, "requests": 0}
        assert board["dealerClients"]["nodes"] == [{"title": "Shop 1", "registers": 2}]
        assert board["dealerBoard"]["totalCount"] == 2
        async with app.database.reading(dealer.owner) as reader:
            assert [line.days for line in await month_statement(reader, "2026-01")] == []
        await app.database.transact(part_from_dealer, principal=client.owner)
        with pytest.raises(Refusal):
            await authenticator.authenticate(app.database, pair.access)
