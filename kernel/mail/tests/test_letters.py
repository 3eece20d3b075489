"""A posted letter reaches its reader at least once, refuses nothing silently and carries no header of anybody
else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from kernel.addons.discovery import discover
from kernel.addons.entries import AttachmentMaker
from kernel.addons.registry import Registry
from kernel.app import App
from kernel.config import ConfigError, Sources, load_config
from kernel.data.work import Reader
from kernel.doctor import check_mail
from kernel.doctor_finding import Level
from kernel.email_address import check_address
from kernel.errors import Refusal
from kernel.jobs.drive import run_due
from kernel.mail import Attachment, File, KeptLetter, Letter, LetterState, letters_of
from kernel.mail.tests.post_office import (
    ALMA,
    OF_ALMA,
    SENDER,
    certificate,
    empty_registry,
    post_office,
    posted,
    writing_house,
)
from kernel.testing import mysql_database

BUYER = "buyer@example.kz"
LETTER = Letter(BUYER, "Чек № 7 — ₸ 1 250", "Рахмет!\n.\n..конец", "<p>Рахмет!</p>", about="sale:7")


def registry_with(makers: Mapping[str, AttachmentMaker]) -> Registry:
    """A registry in which somebody makes files of these kinds."""
    registry = Registry()
    with registry.owned_by(discover()["trade"]):
        for kind, maker in makers.items():
            registry.attachment(kind, maker)
    registry._manifests.clear()  # only its files are wanted here, not its promises
    registry.freeze()
    return registry


async def kept(app: App, about: str = "sale:7") -> list[KeptLetter]:
    async with app.database.reading(OF_ALMA) as reader:
        return await letters_of(reader, [about])


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with post_office() as office, writing_house(office.port, sender_name="ТОО «Алма»") as (app, _):
        assert await posted(app, LETTER) == [True]
        await run_due(app.database)

        [message] = office.messages
        assert office.envelopes[0].mail_from == SENDER
        assert office.envelopes[0].rcpt_tos == [BUYER]
        assert message["Subject"] == LETTER.subject
        assert message["From"] == f'"ТОО «Алма»" <{SENDER}>' or SENDER in message["From"]
        assert message["Message-ID"] == f"<{LETTER.id}@example.kz>"
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        assert text is not None
        assert text.get_content().split() == ["Рахмет!", ".", "..конец"]
        assert html is not None
        assert html.get_content().strip() == LETTER.html
        [letter] = await kept(app)
        assert (letter.state, letter.attempts) == (LetterState.SENT, 1)


async def test_without_a_mail_server_the_sender_is_told() -> None:
    async with writing_house(0, host="", sender="") as (app, _):
        assert await posted(app, LETTER) == [False]
        assert await kept(app) == []


async def test_files_are_made_when_the_letter_goes() -> None:
    made: list[str] = []

    async def receipt(reader: Reader, subject_id: str) -> File:
        made.append(f"{reader.company_id} {subject_id}")
        return File("../чек\r\n7.pdf", "application/pdf", b"%PDF \x00\xff")

    registry = registry_with({"trade.paper": receipt})
    letter = Letter(BUYER, "Чек", "во вложении", attachments=(Attachment("trade.paper", "sale-7"),))
    async with post_office() as office, writing_house(office.port, registry=registry) as (app, _):
        await posted(app, letter)
        assert made == []
        await run_due(app.database)

        assert made == [f"{ALMA} sale-7"]
        [file] = office.messages[0].iter_attachments()
        assert file.get_content() == b"%PDF \x00\xff"
        assert file.get_filename() == "..-чек 7.pdf"


async def test_a_letter_refused_for_good_ends_and_stays_visible() -> None:
    async with post_office() as office, writing_house(office.port) as (app, _):
        office.answers["nobody@example.kz"] = "550 5.1.1 no such mailbox"
        await posted(app, Letter("nobody@example.kz", "Чек", "…", about="sale:7"), LETTER)
        runner = await run_due(app.database)

        refused, sent = sorted(await kept(app), key=lambda letter: letter.state)
        assert (refused.state, refused.answer) == (LetterState.REFUSED, "550 5.1.1 no such mailbox")
        assert refused.ended_ms is not None
        assert sent.state is LetterState.SENT
        assert runner.stats.done == 2


async def test_a_letter_put_off_holds_up_no_other_and_goes_later() -> None:
    async with post_office() as office, writing_house(office.port) as (app, clock):
        office.answers["busy@example.kz"] = "450 4.2.0 greylisted"
        await posted(app, Letter("busy@example.kz", "Чек", "…", about="sale:8"), LETTER)
        await run_due(app.database)
        [sent] = await kept(app)
        [waiting] = await kept(app, "sale:8")
        assert (sent.state, waiting.state) == (LetterState.SENT, LetterState.WAITING)
        assert waiting.answer == "450 4.2.0 greylisted"

        del office.answers["busy@example.kz"]
        clock.advance(timedelta(seconds=2))
        await run_due(app.database)
        [went] = await kept(app, "sale:8")
        assert (went.state, went.attempts) == (LetterState.SENT, 2)


async def test_letters_wait_for_a_silent_server_longer_and_longer_and_are_given_up() -> None:
    async with post_office() as office:
        port = office.port
    async with writing_house(port, give_up_ms=60_000) as (app, clock):
        await posted(app, LETTER)
        tries = []
        for second in range(40):
            await run_due(app.database)
            [letter] = await kept(app)
            tries += [second] * (letter.attempts - len(tries))
            clock.advance(timedelta(seconds=1))
        assert tries == [0, 1, 3, 7, 15, 31]
        assert "ConnectError" in str(letter.answer)

        clock.advance(timedelta(minutes=1))
        await run_due(app.database)
        [letter] = await kept(app)
        assert letter.state is LetterState.EXPIRED


async def test_a_letter_that_silences_the_server_does_not_silence_the_others() -> None:
    async with post_office() as office, writing_house(office.port) as (app, clock):
        office.silenced_by = "poison@example.kz"
        await posted(app, Letter("poison@example.kz", "Чек", "…", about="sale:8"), LETTER)
        for _ in range(90):
            await run_due(app.database)
            clock.advance(timedelta(seconds=1))

        assert [message["To"] for message in office.messages] == [BUYER]
        [poison] = await kept(app, "sale:8")
        assert poison.state is LetterState.WAITING


async def test_a_file_that_cannot_be_made_holds_up_no_letter() -> None:
    async def broken(reader: Reader, subject_id: str) -> File:
        raise ZeroDivisionError

    async def gone(reader: Reader, subject_id: str) -> File:
        raise Refusal("SALE_UNKNOWN")

    registry = registry_with({"trade.broken": broken, "trade.gone": gone})
    letters = [
        Letter(BUYER, kind, "…", attachments=(Attachment(kind, "7"),), about=kind)
        for kind in ("trade.broken", "trade.gone", "trade.nobody")
    ]
    async with post_office() as office, writing_house(office.port, registry=registry) as (app, _):
        await posted(app, *letters, LETTER)
        await run_due(app.database)

        assert [message["Subject"] for message in office.messages] == [LETTER.subject]
        states = [(await kept(app, each.about))[0].state for each in letters]
        assert states == [LetterState.WAITING, LetterState.REFUSED, LetterState.WAITING]


async def test_a_letter_whose_yes_was_lost_goes_again_and_can_be_recognised() -> None:
    async with post_office() as office, writing_house(office.port) as (app, clock):
        office.is_mute_after_data = True
        await posted(app, LETTER)
        await run_due(app.database)
        office.is_mute_after_data = False
        clock.advance(timedelta(seconds=5))
        await run_due(app.database)

        one, two = office.messages
        assert one["Message-ID"] == two["Message-ID"]
        assert one["Date"] == two["Date"]
        [letter] = await kept(app)
        assert letter.state is LetterState.SENT


@pytest.mark.parametrize(
    "address",
    [
        "",
        "buyer",
        "buyer@",
        "@example.kz",
        "a b@example.kz",
        "buyer@localhost",
        "buyer@127.0.0.1",
        "a@example.kz, b@example.kz",
        "<buyer@example.kz>",
        "buyer@example.kz\r\nBcc: all@example.kz",
        "buyer\n@example.kz",
        '"quoted"@example.kz',
        "buyer@-example.kz",
        "buyer@example..kz",
        "a" * 65 + "@example.kz",
        "buyer@" + "a" * 64 + ".kz",
        "покупатель@example.kz",
    ],
)
async def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_address(address)

    assert (refused.value.code, refused.value.field) == ("EMAIL_MALFORMED", "email")


async def test_every_address_that_is_let_through_can_be_written_to() -> None:
    odd = "o'neill+!#$%&*/=?^_`{|}~-@a-b.example.kz"
    async with post_office() as office, writing_house(office.port) as (app, _):
        await posted(app, Letter(check_address(odd), "Чек", "…"))
        await run_due(app.database)

        assert office.envelopes[0].rcpt_tos == [odd]
        assert office.messages[0]["To"] == odd


def test_a_domain_in_our_own_letters_becomes_what_servers_understand() -> None:
    assert check_address(" Buyer@Дүкен.ҚАЗ ") == "Buyer@" + "дүкен.қаз".encode("idna").decode()


async def test_nobody_breaks_out_of_a_header() -> None:
    injected = "Чек\r\nBcc: all@example.kz\r\n\r\nPay here"
    async with (
        post_office() as office,
        writing_house(office.port, sender_name="Shop\r\nBcc: all@example.kz") as (app, _),
    ):
        await posted(app, Letter(BUYER, injected, "…"))
        await run_due(app.database)

        [message] = office.messages
        assert message["Bcc"] is None
        assert message["Subject"] == "Чек Bcc: all@example.kz Pay here"
        assert office.envelopes[0].rcpt_tos == [BUYER]


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_the_line_is_protected_and_the_server_known(tls: str, tmp_path: Path) -> None:
    context, trust = certificate(tmp_path)
    office_tls = {"tls": context} if tls == "tls" else {"tls_context": context, "require_starttls": True}
    office_tls |= {"auth_required": True, "auth_require_tls": tls == "starttls"}
    given: dict[str, object] = {"tls": tls, "user": "kassa", "password": "right"}
    async with post_office(**office_tls) as office:  # type: ignore[arg-type]
        async with writing_house(office.port, ca_file=str(trust), **given) as (app, _):
            await posted(app, LETTER)
            await run_due(app.database)
            assert (office.logins, len(office.messages)) == ([(b"kassa", b"right")], 1)
        async with writing_house(office.port, **given) as (app, _):
            await posted(app, LETTER)
            await run_due(app.database)
            [letter] = await kept(app)
            assert (letter.state, len(office.messages)) == (LetterState.WAITING, 1)
            assert "certificate" in str(letter.answer).lower()


async def test_a_wrong_password_holds_letters_back_and_loses_none() -> None:
    async with post_office(auth_required=True, auth_require_tls=False) as office:
        async with writing_house(office.port, user="kassa", password="wrong") as (app, _):
            await posted(app, LETTER)
            await run_due(app.database)
            [letter] = await kept(app)
            assert (letter.state, letter.answer is None) == (LetterState.WAITING, False)
        assert office.messages == []


async def test_the_doctor_says_whether_the_mail_server_lets_us_in(tmp_path: Path) -> None:
    context, trust = certificate(tmp_path)
    async with post_office(tls_context=context, auth_required=True) as office:
        given: dict[str, object] = {
            "port": office.port,
            "tls": "starttls",
            "user": "kassa",
            "password": "right",
        }
        async with writing_house(ca_file=str(trust), **given) as (app, clock):  # type: ignore[arg-type]
            [well] = await asyncio.to_thread(check_mail, app.config, clock)
        async with writing_house(**given) as (app, clock):  # type: ignore[arg-type]
            [unknown] = await asyncio.to_thread(check_mail, app.config, clock)
    async with writing_house(**given) as (app, clock):  # type: ignore[arg-type]
        [gone] = await asyncio.to_thread(check_mail, app.config, clock)

    assert [each.level for each in (well, unknown, gone)] == [Level.OK, Level.WARN, Level.WARN]
    assert "certificate" in unknown.text


async def test_letters_that_ended_are_forgotten_in_the_end() -> None:
    async with post_office() as office, writing_house(office.port) as (app, clock):
        await posted(app, LETTER)
        await run_due(app.database)
        clock.advance(timedelta(days=31))
        await posted(app, Letter(BUYER, "Чек № 8", "…", about="sale:8"))
        await run_due(app.database)

        assert await kept(app) == []
        assert len(await kept(app, "sale:8")) == 1


@pytest.mark.parametrize(
    "mail",
    [
        {"host": "mail.example.kz"},
        {"host": "mail.example.kz", "sender": "nobody"},
        {"host": "mail.example.kz", "sender": SENDER, "tls": "none", "password": "x"},
    ],
)
def test_settings_that_cannot_work_are_told_at_the_start(mail: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="mail: "):
        load_config(empty_registry(), Sources({"mail": mail}, "test", {}))


async def test_letters_of_two_companies_do_not_wait_for_each_other() -> None:
    async with post_office() as office, writing_house(office.port) as (app, _):
        await asyncio.gather(*(posted(app, Letter(BUYER, str(n), "…")) for n in range(5)))
        await run_due(app.database)

        assert sorted(message["Subject"] for message in office.messages) == list("01234")


@pytest.mark.mariadb
async def test_letters_on_a_server() -> None:
    async with mysql_database() as url, post_office() as office:
        office.answers["busy@example.kz"] = "450 4.2.0 greylisted"
        async with writing_house(office.port, url=url) as (app, clock):
            await posted(app, LETTER, Letter("busy@example.kz", "Чек", "…", about="sale:8"))
            await run_due(app.database)
            office.answers.clear()
            clock.advance(timedelta(days=31))
            await posted(app, Letter(BUYER, "Чек № 9", "…", about="sale:9"))
            await run_due(app.database)

            assert await kept(app) == []
            assert [(await kept(app, each))[0].state for each in ("sale:8", "sale:9")] == [
                LetterState.EXPIRED,
                LetterState.SENT,
            ]
