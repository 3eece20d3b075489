"""A receipt by e-mail: when asked, by itself, instead of paper; and what people are told when it does not
arrive.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage

import pytest

from addons.trade.api import FiscalState
from kernel.gql.ids import to_global
from kernel.mail.tests.post_office import SENDER, PostOffice, post_office
from tests.delivery.house import BUYER, Counter, hand_of, open_counter

SEND = """mutation ($sale: ID!, $email: String, $language: ReceiptLanguage!) {
  sendReceipt(saleId: $sale, email: $email, language: $language) {
    ... on Letter { to state subject } ... on Refused { code field nextAction } } }"""
DELIVERY = """query ($sale: ID!) { sale(id: $sale) { delivery {
  link email letters { to state attempts answer } printJobs { state } } } }"""


@asynccontextmanager
async def mailing(**changes: object) -> AsyncIterator[tuple[Counter, PostOffice]]:
    """A shop with a mail server and a public address."""
    async with post_office() as office:
        mail = {"host": "127.0.0.1", "port": office.port, "tls": "none", "sender": SENDER, **changes}
        server = {"public_url": "https://kassa.example.kz/"}
        async with open_counter(mail=mail, server=server) as counter:
            yield counter, office


async def send(
    counter: Counter, sale: str, email: str | None = None, language: str = "BOTH"
) -> dict[str, str]:
    """Ask for a letter."""
    sale_id = to_global("Sale", sale)
    answer: dict[str, str] = await counter.ask(SEND, sale=sale_id, email=email, language=language)
    await counter.settle()
    return answer


def part(message: EmailMessage, kind: str) -> str:
    """Its text or HTML."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


async def test_the_letter_has_the_receipt_its_link_and_its_pdf() -> None:
    async with mailing() as (counter, office):
        sale = await counter.sell(BUYER)
        sent = await send(counter, sale)
        [message] = office.messages
        delivery = (await counter.ask(DELIVERY, sale=to_global("Sale", sale)))["delivery"]

        assert (sent["to"], sent["state"]) == (BUYER, "WAITING")
        assert message["Subject"] == "Чек № 42 · ТОО «Береке»" == sent["subject"]
        assert delivery["link"].startswith("https://kassa.example.kz/r/")
        assert delivery["link"] in part(message, "plain")
        assert f'href="{delivery["link"]}"' in part(message, "html")
        assert "1234567890" in part(message, "plain")
        [pdf] = message.iter_attachments()
        assert (pdf.get_content_type(), pdf.get_content()[:5]) == ("application/pdf", b"%PDF-")
        assert delivery["email"] == BUYER
        assert [(each["to"], each["state"]) for each in delivery["letters"]] == [(BUYER, "SENT")]


async def test_an_address_said_later_and_a_language_are_followed() -> None:
    async with mailing() as (counter, office):
        sale = await counter.sell()
        missing = await send(counter, sale)
        wrong = await send(counter, sale, "buyer@example.kz\nBcc: all@example.kz")
        await send(counter, sale, "other@example.kz", "RU")

        assert (missing["code"], missing["field"]) == ("BUYER_EMAIL_MISSING", "email")
        assert wrong["code"] == "EMAIL_MALFORMED"
        [message] = office.messages
        assert message["To"] == "other@example.kz"
        assert "Открыть чек" in part(message, "plain")
        assert "Чекті ашу" not in part(message, "plain")


@pytest.mark.parametrize(
    ("state", "code"),
    [(FiscalState.PENDING, "SALE_NOT_FISCAL_YET"), (FiscalState.REJECTED, "SALE_REJECTED")],
)
async def test_what_is_no_receipt_is_not_sent(state: FiscalState, code: str) -> None:
    async with mailing() as (counter, office):
        assert (await send(counter, await counter.sell(BUYER, state)))["code"] == code
        assert office.messages == []


async def test_without_a_mail_server_people_are_told_what_else_there_is() -> None:
    async with open_counter() as counter:
        refused = await send(counter, await counter.sell(BUYER))

        assert refused["code"] == "MAIL_NOT_SET_UP"
        assert "link" in refused["nextAction"]


async def test_nobody_is_flooded_through_a_receipt() -> None:
    async with mailing() as (counter, office):
        sale = await counter.sell(BUYER)
        answers = [await send(counter, sale) for _ in range(11)]

        assert [each.get("code") for each in answers] == [None] * 10 + ["RECEIPT_MAILED_TOO_OFTEN"]
        assert len(office.messages) == 10


async def test_buyers_who_left_an_address_get_their_receipt_where_the_company_wants_it() -> None:
    async with mailing() as (counter, office):
        await counter.sell(BUYER)
        await counter.mails_by_itself(receipts=True)
        offline = await counter.sell("one@example.kz", FiscalState.OFFLINE)
        await counter.fiscal(offline, FiscalState.FISCALIZED, is_offline=True)
        await counter.sell()
        await counter.sell("not an address")
        await counter.sell("two@example.kz")

        assert [message["To"] for message in office.messages] == ["one@example.kz", "two@example.kz"]
        await counter.mails_by_itself(receipts=False)
        await counter.sell("three@example.kz")
        assert len(office.messages) == 2


async def test_a_receipt_that_does_not_come_out_is_offered_by_mail_or_sent_at_once() -> None:
    async with mailing() as (counter, office):
        await counter.printer()
        hand = hand_of(counter)
        await counter.print(await counter.sell(BUYER))
        [order] = await hand.take()
        told = await hand.failed(order, "NO_PAPER")
        assert (told["emailOffer"], office.messages) == (BUYER, [])

        await counter.mails_by_itself(unprinted=True)
        counter.clock.advance(timedelta(minutes=1))
        await hand.printed((await hand.take())[0])
        await counter.print(await counter.sell("two@example.kz"))
        for _ in range(3):
            await hand.failed((await hand.take())[0], "ABSENT")
            counter.clock.advance(timedelta(minutes=1))
        await counter.settle()
        assert [message["To"] for message in office.messages] == ["two@example.kz"]


async def test_a_letter_that_is_refused_is_seen_at_the_register() -> None:
    async with mailing() as (counter, office):
        office.answers["gone@example.kz"] = "550 5.1.1 no such mailbox"
        sale = await counter.sell("gone@example.kz")
        await send(counter, sale)
        delivery = (await counter.ask(DELIVERY, sale=to_global("Sale", sale)))["delivery"]
        assert delivery["letters"][0] == {
            "to": "gone@example.kz",
            "state": "REFUSED",
            "attempts": 1,
            "answer": "550 5.1.1 no such mailbox",
        }
        assert await counter.board() == {"delivery.mail": "RECEIPT_MAIL_REFUSED"}
        listed = await counter.ask("{ letters(first: 5, state: REFUSED) { nodes { to subject } } }")
        assert [each["to"] for each in listed["nodes"]] == ["gone@example.kz"]
        assert (await counter.ask("{ letters(first: 5, state: SENT) { nodes { to } } }"))["nodes"] == []

        await send(counter, sale, BUYER)
        assert await counter.board() == {}


async def test_a_letter_says_that_a_receipt_is_a_test() -> None:
    async with mailing() as (counter, office):
        sale = await counter.sell(BUYER, FiscalState.PENDING)
        await counter.fiscal(sale, FiscalState.FISCALIZED, is_test=True)
        await send(counter, sale, language="KK")

        assert office.messages[0]["Subject"].startswith("ТЕСТ")
