"""Stories in the console: a contract, a terminal the shop owns, an application to a bank."""

from __future__ import annotations

import json
import re
from pathlib import Path

from addons.pos_terminal.tests.desk import BANK_CONTRACT, BIN, FORM, KASPI_CONTRACT, at_desk
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.testing.app import OPENING_DAY
from simulators.ncalayer.server import COMMON, NcaLayer
from simulators.serving import serving
from simulators.smart_terminals.kaspi import KaspiTerminal
from simulators.smart_terminals.plan import Ending, Plan
from simulators.smart_terminals.server import build_kaspi, make_tls

CARDS = "/console/cards"
START = """mutation ($input: StartCardPaymentInput!) { startCardPayment(input: $input) {
  ... on CardOperation { id state } ... on Refused { code message } } }"""


async def test_a_smart_terminal_is_connected_paired_and_blocked() -> None:
    device = KaspiTerminal()
    async with at_desk() as desk:
        tls, fingerprint = make_tls(device.clock.now())
        async with serving(build_kaspi(device), tls=tls) as served:
            assert "Договора с банком пока нет" in await desk.see(CARDS)
            await desk.see(f"{CARDS}/contracts/new")
            contract = await desk.saved(f"{CARDS}/contracts/new", **KASPI_CONTRACT)
            assert "1,29 %" in await desk.see(contract)
            key = contract.rpartition("/")[2]

            await desk.see(f"{CARDS}/new?register={to_global('Register', desk.register_id)}")
            asked = {**desk.place, "contractId": key, "what": "connect", "serialNumber": device.serial_number}
            wrong = await desk.shown(f"{CARDS}/new?contract={key}", 422, **asked, address="192.168.1.20")
            assert "192.168.1.20" in wrong, "what was written stays"
            address = f"https://127.0.0.1:{served.port}"
            terminal = await desk.saved(f"{CARDS}/new?contract={key}", **asked, address=address)

            page = await desk.see(terminal)
            assert "Связать" in page
            unpaired = await desk.shown(f"{terminal}/pair", 422, what="check")
            assert "не знает эту кассу" in unpaired
            paired = await desk.shown(f"{terminal}/pair", 200, what="pair")
            assert fingerprint in paired
            assert device.serial_number in await desk.shown(f"{terminal}/pair", 200, what="check")

            assert await desk.probe() == {"titles": "Kaspi у входа"}
            assert "Kaspi у входа" in await desk.see(CARDS)
            register = to_global("Register", desk.register_id)
            assert "Kaspi у входа" in await desk.see(f"/console/registers/{register}/cards")
            await desk.saved(terminal, what="block", reason="потерян")
            assert "Заблокирован" in await desk.see(terminal)
            assert await desk.probe() == "TERMINAL_BLOCKED"
            await desk.saved(terminal, what="unblock")
            assert "Работает" in await desk.see(terminal)
        assert await desk.probe() == "TERMINAL_ABSENT"


async def test_a_payment_is_seen_with_its_slip_and_taken_back() -> None:
    device = KaspiTerminal(plan=Plan(usual=Ending(customer_ms=0)))
    async with at_desk() as desk:
        tls, _ = make_tls(device.clock.now())
        async with serving(build_kaspi(device), tls=tls) as served:
            await desk.see(f"{CARDS}/contracts/new")
            key = (await desk.saved(f"{CARDS}/contracts/new", **KASPI_CONTRACT)).rpartition("/")[2]
            address = f"https://127.0.0.1:{served.port}"
            asked = {**desk.place, "contractId": key, "what": "connect", "address": address}
            terminal = await desk.saved(f"{CARDS}/new?contract={key}", **asked)
            await desk.shown(f"{terminal}/pair", 200, what="pair")
            assert "операций нет" in await desk.see(f"{CARDS}/operations")
            assert "Ничего не ждёт" in await desk.see(f"{CARDS}/review")

            given = {"paymentKey": new_id(), "registerId": to_global("Register", desk.register_id)}
            started = await desk.ask(START, input={**given, "amount": "1500.00"})
            await desk.work()

            (sold,) = device.journal.operations
            listed = await desk.see(f"{CARDS}/operations")
            assert sold.card_mask in listed
            assert "Одобрена" in listed
            page = f"{CARDS}/operations/{started['id']}"
            told = await desk.see(page)
            assert f"одобрено · сумма 1 500,00 ₸ · RRN {sold.rrn}" in told.replace("\u00a0", " ")
            assert told.count("ещё идёт") == 1, "that it goes on is said once"
            assert "GoesOn" not in told
            slip = await desk.see(f"{page}/slip")
            assert "ДУБЛИКАТ" in slip
            assert sold.rrn in slip

            statement = await desk.see(f"{CARDS}/statement")
            assert "сырые" in statement
            assert "1 500" in statement.replace("\u00a0", " ")
            book = await desk.http.get(re.findall(r'href="(/card/statement.xlsx[^"]+)"', statement)[0])
            assert (book.status_code, book.content[:2]) == (200, b"PK")

            await desk.saved(page, what="void", key=new_id())
            await desk.work()
            assert "Отменена на карту" in await desk.see(page)
            assert device.journal.taken == 0


async def test_another_device_at_the_address_is_not_paired() -> None:
    device = KaspiTerminal()
    async with at_desk() as desk:
        tls, _ = make_tls(device.clock.now())
        async with serving(build_kaspi(device), tls=tls) as served:
            await desk.see(f"{CARDS}/contracts/new")
            key = (await desk.saved(f"{CARDS}/contracts/new", **KASPI_CONTRACT)).rpartition("/")[2]
            asked = {**desk.place, "contractId": key, "what": "connect", "serialNumber": "SN-OTHER"}
            address = f"https://127.0.0.1:{served.port}"
            terminal = await desk.saved(f"{CARDS}/new?contract={key}", **asked, address=address)

            page = await desk.shown(f"{terminal}/pair", 422, what="pair")

            assert "другое устройство" in page
            assert "Связать заново" not in await desk.see(terminal), "nothing is kept of it"


async def test_one_person_does_not_put_a_master_key_together() -> None:
    async with at_desk() as desk:
        terminal = await desk.own_terminal()
        assert "нужно обновить" in await desk.see(terminal)
        keys = f"{terminal}/keys"
        await desk.see(keys)
        await desk.saved(keys, what="start", form="AES_128", count="2")
        page = await desk.see(keys)
        (going,) = set(re.findall(r'name="ceremonyId" value="([^"]+)"', page))
        asked = {"what": "enter", "ceremonyId": going}

        short = await desk.shown(keys, 422, **asked, component="00112233")
        await desk.saved(keys, **asked, component="A1B7" * 8)
        again = await desk.shown(keys, 422, **asked, component="B2C3" * 8)

        assert "00112233" not in short
        assert "B2C3" not in again
        shown = await desk.see(keys)
        assert "1 из 2" in shown
        assert "A1B7" not in shown
        await desk.saved(keys, what="cancel", ceremonyId=going)
        assert "Начать" in await desk.see(keys)


async def test_an_application_is_signed_sent_and_taken_back(tmp_path: Path) -> None:
    layer = NcaLayer(bin_=BIN, moment=OPENING_DAY)
    for name, der in layer.certificates().items():
        (tmp_path / name).write_bytes(der)
    roots = {"signature_roots": str(tmp_path), "signature_revocation": "off"}
    async with at_desk(organization=roots) as desk:
        await desk.see(f"{CARDS}/contracts/new")
        key = (await desk.saved(f"{CARDS}/contracts/new", **BANK_CONTRACT)).rpartition("/")[2]
        assert "шесть шагов" in await desk.see(f"{CARDS}/new?contract={key}")
        asked = {**desk.place, "contractId": key, "what": "apply"}
        wrong = await desk.shown(f"{CARDS}/new?contract={key}", 422, **asked, **{**FORM, "iban": "KZ00"})
        assert 'aria-invalid="true"' in wrong

        application = await desk.saved(f"{CARDS}/new?contract={key}", **asked, **FORM)

        assert "Подготовить текст к подписи" in await desk.see(application)
        text = await desk.shown(application, 200, what="prepare")
        assert "SN-0001" in text
        (content,) = re.findall(r"base64,([^\"]+)", text)
        (text_id,) = re.findall(r'name="textId" value="([^"]+)"', text)
        args = ["PKCS12", "SIGNATURE", content, True]
        signed = layer.answer(json.dumps({"module": COMMON, "method": "createCAdESFromBase64", "args": args}))
        assert isinstance(signed, dict)
        signature = str(signed["responseObject"])
        await desk.saved(application, what="sign", textId=text_id, signature=signature)
        assert "Отправить в банк" in await desk.see(application)
        await desk.saved(application, what="send")
        assert "Заявки ждут решения банка" in await desk.see(CARDS)
        await desk.saved(application, what="withdraw")
        assert "Отозвана" in await desk.see(application)
