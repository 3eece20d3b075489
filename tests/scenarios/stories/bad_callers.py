"""Those who may not: guessers, forgers, the expired, the closed and the neighbours."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from kernel.clock import SystemClock
from simulators.till import documents
from simulators.till.client import Client, GraphQLErrors
from simulators.till.shop import Shop, Till, cash, free_line
from tests.scenarios.stage import Stage, nothing_stored, refusal
from tests.support.house import EMAIL, PASSWORD, eventually

OTHER_BIN = "990240001237"
BREAD = free_line("Нан", "210.00")
NOBODY = "nobody@example.kz"
PIN_GUESSES_FREE, PASSWORD_GUESSES_FREE = 3, 5
TOKEN_LIFE = timedelta(seconds=2)


async def error_of(client: Client, document: str, **variables: object) -> str:
    """The code of the only error."""
    with pytest.raises(GraphQLErrors) as caught:
        await client.execute(document, **variables)
    (code,) = caught.value.codes
    return str(code)


def forged(token: str) -> dict[str, str]:
    """Tokens a forger would try, made from one that is valid."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    later = _part({**claims, "exp": claims["exp"] + 86_400})
    return {
        "other signature": f"{head}.{body}.{signature[:-4]}AAAA",
        "longer life": f"{head}.{later}.{signature}",
        "no algorithm": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "own key": f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{body}.{signature}",
        "cut": token[: len(token) // 2],
        "garbage": "sauda-but-not-really",
        "long": "a" * 5_000,
    }


def _part(claims: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


class BadCallerStories:
    """Refused, and nothing is stored."""

    IS_TILL_SHARED = True

    async def test_a_forged_token_is_nobodys(self, stage: Stage, till: Till) -> None:
        owner = stage.shop.owner
        codes = {}

        with nothing_stored(stage):
            for name, token in forged(owner.token or "").items():
                async with owner.with_token(token) as forger:
                    codes[name] = await error_of(forger, documents.ME)
            async with Client(stage.house.address) as anonymous:
                nobody = await error_of(anonymous, documents.PRODUCTS, first=1)

        assert set(codes.values()) == {"UNAUTHENTICATED"}
        assert nobody == "UNAUTHENTICATED"

    async def test_a_token_that_expired_sells_nothing(self, stage: Stage, till: Till) -> None:
        until = (SystemClock().now().astimezone(UTC) + TOKEN_LIFE).isoformat(timespec="milliseconds")
        asked = {"title": "short", "permissions": ["trade.sell", "trade.view"], "expiresAt": until}
        issued = await stage.shop.owner.mutate(documents.ISSUE_TOKEN, input=asked)
        async with Client(stage.house.address, issued["token"]) as client:
            short = replace(till, client=client)
            sold = await short.sell([BREAD], [cash("210.00")])

            async def is_over() -> bool:
                try:
                    await short.sale_by_key(sold["saleKey"])
                except GraphQLErrors as over:
                    return over.codes == ["UNAUTHENTICATED"]
                return False

            await eventually(is_over, "end of a token")
            with nothing_stored(stage), pytest.raises(GraphQLErrors) as caught:
                await short.sell([BREAD], [cash("210.00")])

        assert caught.value.codes == ["UNAUTHENTICATED"]

    async def test_a_token_does_what_it_was_issued_for_alone(self, stage: Stage, till: Till) -> None:
        asked = {"title": "reader", "permissions": ["trade.view"]}
        issued = await stage.shop.owner.mutate(documents.ISSUE_TOKEN, input=asked)
        async with Client(stage.house.address, issued["token"]) as client:
            reader = replace(till, client=client)
            with nothing_stored(stage), pytest.raises(GraphQLErrors) as caught:
                await reader.sell([BREAD], [cash("210.00")])

        assert caught.value.codes == ["FORBIDDEN"]

    async def test_guessing_a_pin_is_slowed_down_even_for_the_right_one(
        self, stage: Stage, till: Till
    ) -> None:
        owner = stage.shop.owner
        person = await owner.mutate(documents.CREATE_OPERATOR, input={"name": "Нұрлан", "pin": "7391"})
        at = {"registerId": till.register_id, "operatorId": person["id"]}
        noted = {"org_attempt", "kernel_audit"}

        with nothing_stored(stage, but=noted):
            guesses = [
                await refusal(owner.mutate(documents.SIGN_IN_OPERATOR, **at, pin=f"000{number}"))
                for number in range(PIN_GUESSES_FREE)
            ]
            late = await refusal(owner.mutate(documents.SIGN_IN_OPERATOR, **at, pin="7391"))

        assert guesses == ["PIN_WRONG"] * PIN_GUESSES_FREE
        assert late == "AUTH_THROTTLED"

    async def test_guessing_a_password_is_slowed_down_and_tells_nothing(
        self, stage: Stage, till: Till
    ) -> None:
        guesses = [f"guess {number}" for number in range(PASSWORD_GUESSES_FREE + 1)]

        async with Client(stage.house.address) as guesser:
            with nothing_stored(stage, but={"org_attempt"}):
                codes = [
                    await refusal(guesser.mutate(documents.SIGN_IN, email=NOBODY, password=guess))
                    for guess in guesses
                ]

        assert codes == ["SIGN_IN_WRONG"] * PASSWORD_GUESSES_FREE + ["AUTH_THROTTLED"]

    async def test_ids_of_another_company_are_unknown_and_a_closed_company_sells_nothing(
        self, stage: Stage, till: Till
    ) -> None:
        owner = stage.shop.owner
        asked = {"bin": OTHER_BIN, "title": "ТОО «Көрші»"}
        company = await owner.mutate(documents.CREATE_COMPANY, input=asked)
        shop = await Shop.open(stage.house.address, email=EMAIL, password=PASSWORD, company_id=company["id"])
        neighbour = await stage.till(shop)
        theirs = await neighbour.sell([BREAD], [cash("210.00")])

        with nothing_stored(stage):
            at_theirs = replace(till, register_id=neighbour.register_id)
            by_theirs = replace(till, operator_id=neighbour.operator_id)
            registers = [
                await refusal(at_theirs.sell([BREAD], [cash("210.00")])),
                await refusal(at_theirs.report(documents.CLOSE_SHIFT)),
                await refusal(at_theirs.move_cash(documents.DEPOSIT, "1.00")),
            ]
            operator = await refusal(by_theirs.sell([BREAD], [cash("210.00")]))
            sale = await refusal(till.give_back(theirs["id"]))
            seen = await till.client.execute(
                "query Peep($sale: ID!) { sale(id: $sale) { id } node(id: $sale) { id } }", sale=theirs["id"]
            )
            assert await till.sale_by_key(theirs["saleKey"]) is None

        assert registers == ["REGISTER_UNKNOWN"] * 3
        assert (operator, sale) == ("OPERATOR_UNKNOWN", "SALE_UNKNOWN")
        assert seen == {"sale": None, "node": None}
        ours = await till.sell([BREAD], [cash("210.00")], sale_key=theirs["saleKey"])
        assert (ours["replayed"], ours["sign"] != theirs["sign"]) == (False, True)

        await shop.owner.mutate(documents.CLOSE_COMPANY, id=company["id"])
        with nothing_stored(stage):
            closed = [
                await refusal(neighbour.sell([BREAD], [cash("210.00")])),
                await refusal(neighbour.give_back(theirs["id"])),
                await refusal(neighbour.move_cash(documents.DEPOSIT, "1.00")),
            ]
        again = await neighbour.sell([BREAD], [cash("210.00")], sale_key=theirs["saleKey"])
        await shop.close()

        assert closed == ["COMPANY_CLOSED"] * 3
        assert (again["replayed"], again["sign"]) == (True, theirs["sign"])
