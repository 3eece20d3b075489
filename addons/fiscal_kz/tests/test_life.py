"""The life of a KKM: from its factory number by passport and INFO to work, programming mode and its end.

Long because one life is told in one place, each step and each way to leave it out or come back.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from addons.fiscal_kz.domain.factory import factory_number, year_of_make
from addons.fiscal_kz.domain.kinds import Block
from addons.fiscal_kz.domain.life import NEXT_STEPS, Known, Stage, stage_of
from addons.fiscal_kz.domain.passport_paper import PassportFacts, passport_paper
from addons.fiscal_kz.tests.shop import CLOSE, LIFE_FIELDS, LOST, OFD_ID, TOKEN, Shop, open_shop
from addons.organization.api import CreateRegister, OutletId, create_register
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.i18n import LANGUAGES
from kernel.ids import CompanyId, new_id
from kernel.printing.paper import SHEET_A4
from kernel.printing.pdf import as_pdf
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from simulators.ofd.settings import OfdSettings, RegisterData

ENTER = f"""mutation($input: ActivateKkmInput!) {{ activateKkm(input: $input, wait: 0) {{ __typename
  ... on KkmLife {{ {LIFE_FIELDS} }} ... on Kkm {{ isActive }}
  ... on Refused {{ code field nextAction }} }} }}"""
PASSPORT = "query($id: ID!) { kkmLife(registerId: $id) { passport { name pdf } passportAt } }"
COMPANY = "SELECT is_vat_payer, vat_series, vat_number FROM org_company"
REAL = ["simulator;127.0.0.1:1;ОФД;https://ofd.invalid/check;real"]


def asked(name: str, arguments: str = "", declared: str = "") -> str:
    return f"""mutation($id: ID!{declared}) {{ {name}(registerId: $id{arguments}) {{ __typename
      ... on KkmLife {{ {LIFE_FIELDS} }} ... on Refused {{ code nextAction }} }} }}"""


OLD = "query($id: ID!) { kkm(registerId: $id) { ofdId block documents } }"


async def do(shop: Shop, name: str, arguments: str = "") -> Any:
    return await shop.ask(asked(name, arguments), id=to_global("Register", shop.register_id))


async def enter(shop: Shop, **given: Any) -> Any:
    """Enter data of the OFD; what became of it."""
    register_id = to_global("Register", shop.register_id)
    answer = await shop.ask(
        ENTER, input={"registerId": register_id, "ofdId": str(OFD_ID), "token": str(TOKEN), **given}
    )
    await shop.work()
    return answer


async def kept(shop: Shop) -> list[int]:
    """How many rows tell of a KKM or of what it asked."""
    return [
        (await shop.rows(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"]
        for table in ("fkz_kkm", "fkz_exchange", "fkz_shift", "fkz_document")
    ]


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened


@pytest.fixture
async def empty() -> AsyncIterator[Shop]:
    """A shop whose register has no KKM yet."""
    async with open_shop(is_active=False) as opened:
        yield opened


@pytest.mark.parametrize("own", [0, 1, 4_815_162_342, 10**10 - 1])
def test_a_factory_number_tells_its_year_and_every_slip_of_the_pen(own: int) -> None:
    number = factory_number(2026, own)

    assert (len(number), year_of_make(number)) == (16, 2026)
    for place in range(2, 16):
        wrong = str((int(number[place]) + 1) % 10)
        assert year_of_make(number[:place] + wrong + number[place + 1 :]) is None
        swapped = number[:place] + number[place + 1 : place + 2] + number[place] + number[place + 2 :]
        assert swapped == number or year_of_make(swapped) is None


@pytest.mark.parametrize(
    "text", ["", "SD", "SD261234567890", "XX26000000000000", "sd26000000000000", "SD2６" * 4]
)
def test_what_is_no_factory_number_of_ours_has_no_year(text: str) -> None:
    assert year_of_make(text) is None


@pytest.mark.parametrize(
    ("known", "stage"),
    [
        (Known(), Stage.NONE),
        (Known(is_begun=True), Stage.CREATED),
        (Known(is_begun=True, has_passport=True), Stage.PASSPORT),
        (Known(is_begun=True, has_passport=True, is_asked=True), Stage.CHECKING),
        (Known(is_begun=True, is_active=True), Stage.ACTIVE),
        (Known(is_begun=True, is_active=True, is_asked=True), Stage.ACTIVE),
        (Known(is_active=True, block=Block.PROGRAMMING), Stage.PROGRAMMING),
        (Known(is_active=True, block=Block.TOKEN), Stage.BLOCKED),
        (Known(block=Block.DECOMMISSIONED), Stage.DECOMMISSIONED),
        (Known(is_begun=True, is_active=True, is_decommissioned=True), Stage.DECOMMISSIONED),
    ],
)
def test_the_stage_is_told_by_what_is_known(known: Known, stage: Stage) -> None:
    assert stage_of(known) is stage


def test_every_stage_says_in_three_languages_what_to_do_next() -> None:
    assert NEXT_STEPS.keys() == set(Stage)
    for steps in NEXT_STEPS.values():
        assert set(steps) == set(LANGUAGES)
        assert len(set(steps.values())) == len(LANGUAGES)


async def test_a_new_kkm_goes_from_its_factory_number_to_its_first_receipt() -> None:
    async with open_shop(is_active=False, profiles=REAL) as shop:
        begun = await shop.life()
        created = await do(shop, "createKkm")
        number = created["factoryNumber"]
        papers = await do(shop, "makeKkmPassport", ', email: "admin@example.kz"')
        # In the OFD's cabinet and at the KGD it is registered by its passport.
        shop.ofd.simulator.add_register(2002, 77, RegisterData("010203040506", number))
        checking = await enter(shop, ofdId="2002", token="77", registrationNumber="010203040506")
        active = await shop.life()
        sale = await shop.sell()

    stages = [each["stage"] for each in (begun, created, papers, checking, active)]
    assert stages == ["NONE", "CREATED", "PASSPORT", "CHECKING", "ACTIVE"]
    assert (created["madeYear"], year_of_make(number)) == (2026, 2026)
    assert checking["kkm"] is None
    assert active["kkm"]["factoryNumber"] == number
    assert (sale["state"], sale["fiscal"]["registrationNumber"]) == ("FISCALIZED", "010203040506")


async def test_a_register_gets_one_kkm_and_a_mistake_can_be_taken_back(empty: Shop) -> None:
    first = await do(empty, "createKkm")
    again = await do(empty, "createKkm")
    deleted = await do(empty, "deleteKkm")
    second = await do(empty, "createKkm")

    assert again["code"] == "KKM_EXISTS"
    assert deleted["stage"] == "NONE"
    assert first["factoryNumber"] != second["factoryNumber"]


async def test_the_passport_is_a_pdf_and_goes_to_the_administrator_by_e_mail() -> None:
    async with open_shop(
        is_active=False, others={"mail": {"host": "127.0.0.1", "sender": "k@example.kz"}}
    ) as shop:
        number = (await do(shop, "createKkm"))["factoryNumber"]
        sent = await do(shop, "makeKkmPassport", ', email: "Admin@Example.kz"')
        wrong = await do(shop, "makeKkmPassport", ', email: "admin"')
        missing = await do(shop, "makeKkmPassport")
        shown = await shop.ask(PASSPORT, id=to_global("Register", shop.register_id))
        (letter,) = await shop.rows("SELECT recipient, about, body FROM kernel_letter")

    assert letter["recipient"].lower() == "admin@example.kz" == sent["mailedTo"].lower()
    assert "fiscal_kz.passport" in letter["body"]
    assert shown["passport"]["name"] == f"passport-{number}.pdf"
    assert base64.b64decode(shown["passport"]["pdf"]).startswith(b"%PDF-")
    assert (wrong["code"], missing["code"]) == ("EMAIL_MALFORMED", "PASSPORT_EMAIL_MISSING")


def test_a_passport_fills_sheets_of_a4() -> None:
    facts = PassportFacts(
        factory_number(2026, 7), 2026, "Sauda 1", "ТОО «Көрме»", "", "230140000109", "Алматы, Абая 10", "", 1,
        "Касса 1", 203,
    )  # fmt: skip

    pdf = as_pdf(passport_paper(facts), SHEET_A4)

    sheets = pdf.count(b"/Type /Page\n")
    assert 1 <= sheets <= 2
    assert pdf.count(b"/MediaBox [ 0 0 595.2756 841.8898 ]") == sheets


async def test_a_kkm_the_ofd_knows_is_entered_with_its_vat_certificate(empty: Shop) -> None:
    entered = await enter(empty, vatSeries="60001", vatNumber="7654321")
    life = await empty.life()
    (company,) = await empty.rows(COMPANY)

    sold = await empty.sell()
    receipt = await empty.ask("query($id: ID!) { sale(id: $id) { receipt { text } } }", id=sold["id"])

    assert entered["stage"] == "CHECKING"
    assert "60001 № 7654321" in receipt["receipt"]["text"]
    assert (life["stage"], life["kkm"]["registrationNumber"]) == ("ACTIVE", "000000001001")
    assert life["factoryNumber"] == "SIM-00001001"
    assert tuple(company.values()) == (1, "60001", "7654321")


@pytest.mark.parametrize(
    ("given", "script", "code"),
    [
        ({"token": "5"}, [], "KKM_TOKEN_INVALID"),
        ({"ofdId": "4040"}, [], "KKM_UNKNOWN_TO_OFD"),
        ({"registrationNumber": "999999999999"}, [], "KKM_REGISTRATION_DIFFERS"),
        ({}, [15], "KKM_BLOCKED_BY_OFD"),
        ({}, [LOST], "OFD_SILENT"),
    ],
)
async def test_what_the_ofd_does_not_confirm_leaves_nothing_behind(
    empty: Shop, given: dict[str, str], script: list[Any], code: str
) -> None:
    empty.ofd.script.extend(script)
    before = await empty.rows(COMPANY)

    await enter(empty, vatSeries="1", vatNumber="2", **given)
    life = await empty.life()

    assert (life["stage"], life["refusal"], life["kkm"]) == ("CREATED", {"code": code}, None)
    assert await kept(empty) == [0, 0, 0, 0]
    assert await empty.rows(COMPANY) == before
    await enter(empty)
    assert (await empty.life())["refusal"] is None
    assert (await empty.sell())["state"] == "FISCALIZED"


async def test_a_question_repeated_after_silence_is_the_same_to_the_ofd(empty: Shop) -> None:
    empty.ofd.script.append("LOST_AFTER")
    await enter(empty)
    await enter(empty)

    first, second = empty.ofd.sent
    assert (first.token, first.reqnum, first.payload) == (second.token, second.reqnum, second.payload)
    assert (await empty.life())["stage"] == "ACTIVE"


async def test_while_the_ofd_is_asked_nothing_else_is_entered(empty: Shop) -> None:
    given = {"registerId": to_global("Register", empty.register_id), "ofdId": "1", "token": "1"}
    await empty.ask(ENTER, input=given)

    again = await empty.ask(ENTER, input=given)
    gone = await do(empty, "deleteKkm")

    assert (again["code"], gone["code"]) == ("KKM_CHECK_PENDING", "KKM_CHECK_PENDING")


async def test_a_kkm_registered_by_another_passport_is_refused_but_for_a_simulator() -> None:
    for profiles, stage in ((REAL, "CREATED"), (None, "ACTIVE")):
        more = {} if profiles is None else {"profiles": profiles}
        async with open_shop(is_active=False, **more) as shop:
            await do(shop, "createKkm")
            await enter(shop)
            life = await shop.life()

        assert life["stage"] == stage
        assert life["refusal"] == (None if profiles is None else {"code": "KKM_FACTORY_DIFFERS"})


async def test_a_working_kkm_is_left_alone_by_wrong_data_of_another_registration(shop: Shop) -> None:
    await shop.sell()
    await shop.close()
    before = await shop.record()

    refused = await enter(shop, ofdId="4040", token="5")
    after = await shop.record()

    assert refused["stage"] == "ACTIVE"
    assert after == before
    assert (await shop.life())["refusal"] == {"code": "KKM_UNKNOWN_TO_OFD"}
    assert (await shop.sell())["state"] == "FISCALIZED"


async def test_a_kkm_moves_to_another_registration_between_shifts_only(shop: Shop) -> None:
    shop.ofd.simulator.add_register(2002, 77)
    await shop.sell()
    busy = await enter(shop, ofdId="2002", token="77")
    await shop.close()
    await enter(shop, ofdId="2002", token="77")
    await shop.sell()

    assert busy["code"] == "KKM_BUSY"
    assert (await shop.record()).ofd_id == 2002
    assert len(shop.ofd.simulator.ledger.account(2002).documents) == 1


async def test_an_id_serves_one_register(shop: Shop) -> None:
    other = await shop.app.database.transact(
        create_register, CreateRegister(OutletId(shop.outlet_id), "Касса 2"), principal=shop.owner
    )

    refused = await shop.ask(
        ENTER, input={"registerId": to_global("Register", other), "ofdId": str(OFD_ID), "token": str(TOKEN)}
    )

    assert (refused["code"], refused["field"]) == ("OFD_ID_TAKEN", "ofdId")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"registrationNumber": "12345"}, "KKM_REGISTRATION_MALFORMED"),
        ({"vatSeries": "60001"}, "VAT_CERTIFICATE_MISSING"),
        ({"profile": "nobody"}, "OFD_PROFILE_UNKNOWN"),
    ],
)
async def test_data_that_cannot_be_right_are_not_sent(empty: Shop, given: dict[str, str], code: str) -> None:
    assert (await enter(empty, **given))["code"] == code
    assert not empty.ofd.sent


async def test_programming_mode_wants_a_closed_shift_and_stops_documents(shop: Shop) -> None:
    await shop.sell()
    refused = await do(shop, "beginProgramming")
    await shop.close()
    begun = await do(shop, "beginProgramming")
    sale = await shop.accept(("Нан", "1"), cash="200.00")
    token = await shop.ask(
        "mutation($input: EnterTokenInput!) { enterToken(input: $input) { ... on Kkm { block } } }",
        input={"registerId": to_global("Register", shop.register_id), "token": str(shop.account.token)},
    )
    await shop.activate(token=shop.account.token)  # INFO may be asked; it ends nothing
    still = await shop.life()
    ended = await do(shop, "endProgramming")
    twice = await do(shop, "endProgramming")

    assert (refused["code"], begun["stage"]) == ("KKM_SHIFT_OPEN", "PROGRAMMING")
    assert (sale["code"], token["block"]) == ("KKM_PROGRAMMING", "PROGRAMMING")
    assert (still["stage"], ended["stage"], twice["code"]) == ("PROGRAMMING", "ACTIVE", "KKM_NOT_PROGRAMMING")
    assert (await shop.sell())["state"] == "FISCALIZED"


async def test_programming_mode_waits_for_what_is_in_the_lane(shop: Shop) -> None:
    await shop.accept(("Нан", "1"), cash="200.00")

    assert (await do(shop, "beginProgramming"))["code"] == "KKM_BUSY"


async def test_releasing_is_no_way_out_of_programming_mode(shop: Shop) -> None:
    await do(shop, "beginProgramming")
    release = """mutation($input: ReleaseKkmInput!) { releaseKkm(input: $input) {
        ... on Refused { code } } }"""

    refused = await shop.ask(
        release, input={"registerId": to_global("Register", shop.register_id), "reason": "?"}
    )

    assert refused["code"] == "KKM_NOT_BLOCKED"
    assert (await shop.life())["stage"] == "PROGRAMMING"


async def test_only_what_never_fiscalized_is_deleted_the_rest_is_decommissioned(shop: Shop) -> None:
    await shop.sell()
    kept_on = await do(shop, "deleteKkm")
    open_shift = await do(shop, "decommissionKkm", ', reason: "закрыли магазин"')
    await shop.close()
    gone = await do(shop, "decommissionKkm", ', reason: "закрыли магазин"')
    sale = await shop.accept(("Нан", "1"), cash="200.00")
    back = await enter(shop)
    other = await enter(shop, ofdId="2002")
    again = await do(shop, "decommissionKkm", ', reason: "ещё раз"')

    assert (kept_on["code"], open_shift["code"]) == ("KKM_HAS_DOCUMENTS", "KKM_SHIFT_OPEN")
    assert gone["stage"] == "DECOMMISSIONED"
    refused = {each["code"] for each in (sale, back, other, again)}
    assert refused == {"KKM_DECOMMISSIONED"}
    assert await kept(shop) == [1, *(await kept(shop))[1:]]


async def test_the_id_of_a_decommissioned_kkm_is_free_and_its_journal_stays_as_it_is(shop: Shop) -> None:
    sale = await shop.sell()
    await shop.close()
    former = shop.register_id
    await do(shop, "decommissionKkm", ', reason: "другой магазин"')
    journal = [each.entry.digest for each in await shop.journal()]

    another = CreateRegister(shop.outlet_id, "Касса 2")
    shop.register_id = await shop.app.database.transact(create_register, another, principal=shop.owner)
    await enter(shop, token=str(shop.account.token))
    taken_over = await shop.kkm()
    sold, returned = await shop.sell(), await shop.take_back(sale["id"])
    await shop.work()

    assert taken_over["documents"] == "2"  # as the OFD counts them
    assert (sold["state"], sold["shiftNumber"], sold["documentNumber"]) == ("FISCALIZED", 2, 3)
    assert (await shop.sale(returned["id"]))["state"] == "FISCALIZED"
    assert shop.ofd.simulator.ledger.violations() == []
    shop.register_id = former
    assert [each.entry.digest for each in await shop.journal()] == journal
    old = await shop.ask(OLD, id=to_global("Register", former))
    assert old == {"ofdId": "1001", "block": "DECOMMISSIONED", "documents": "2"}


async def test_a_kkm_without_documents_is_deleted_and_its_id_is_free_again(shop: Shop) -> None:
    deleted = await do(shop, "deleteKkm")
    sale = await shop.accept(("Нан", "1"), cash="200.00")
    await enter(shop)

    assert (deleted["stage"], sale["code"]) == ("NONE", "KKM_NOT_ACTIVE")
    assert (await shop.sell())["state"] == "FISCALIZED"


async def test_undelivered_documents_hold_a_kkm_back(shop: Shop) -> None:
    shop.ofd.is_down = True
    await shop.sell()
    await shop.close()

    refused = await do(shop, "decommissionKkm", ', reason: "?"')

    assert refused["code"] == "KKM_BUSY"


async def bound_device(shop: Shop, title: str) -> str:
    """A till that was bound to the register by its one-time token."""
    device_id = new_id()

    async def insert(work: Any, _: None) -> None:
        await work.insert(
            "org_device",
            {
                "id": device_id, "company_id": shop.company_id, "register_id": shop.register_id,
                "title": title, "digest": device_id, "bound_ms": work.now_ms, "created_ms": work.now_ms,
                "awaits_report": 0, "model": "", "version": "", "settings": "{}",
            },
        )  # fmt: skip

    await shop.app.database.transact(insert, None, principal=shop.owner)
    return device_id


async def test_a_kkm_bound_to_a_device_takes_documents_of_no_other(shop: Shop) -> None:
    till, tablet = [await bound_device(shop, title) for title in ("till", "tablet")]
    register_id = to_global("Register", shop.register_id)
    bind = asked("bindKkmDevice", ", deviceId: $device", ", $device: ID")

    stranger = await shop.ask(bind, id=register_id, device=to_global("Device", new_id()))
    bound = await shop.ask(bind, id=register_id, device=to_global("Device", till))
    other = await shop.ask(bind, id=register_id, device=to_global("Device", tablet))
    shop.device_id = tablet
    refused = await shop.accept(("Нан", "1"), cash="200.00")
    shop.device_id = till
    sold = await shop.sell()
    shop.device_id = tablet
    closing = await shop.ask_report(CLOSE)
    unbound = await do(shop, "unbindKkmDevice")
    sold_again = await shop.sell()
    audited = await shop.rows("SELECT action FROM kernel_audit WHERE action LIKE 'fiscal_kz.%bind_device'")

    assert stranger["code"] == "KKM_DEVICE_UNKNOWN"
    assert bound["kkm"]["deviceId"] == to_global("Device", till)
    assert {each["code"] for each in (other, refused, closing)} == {"KKM_BOUND_TO_OTHER_DEVICE"}
    assert "Отвязать устройство" in refused["nextAction"]
    assert unbound["kkm"]["deviceId"] is None
    assert (sold["state"], sold_again["state"]) == ("FISCALIZED", "FISCALIZED")
    assert {each["action"] for each in audited} == {"fiscal_kz.bind_device", "fiscal_kz.unbind_device"}


async def test_unbinding_is_a_right_of_administrators_not_of_integrations(shop: Shop) -> None:
    roles = shop.app.registry.roles
    service = Principal(PrincipalKind.SERVICE, "token", shop.company_id, roles["service"])
    context = GqlContext(shop.app, service, request_id="test", language="ru")

    result = await shop.app.schema.execute(
        asked("unbindKkmDevice"), {"id": to_global("Register", shop.register_id)}, context
    )

    assert "fiscal_kz.unbind" in roles["administrator"]
    assert result.errors[0].extensions["code"] == "FORBIDDEN"


SANDBOX = f"""mutation {{ createSandboxRegister(title: "Проба", wait: 0) {{ __typename
  ... on KkmLife {{ {LIFE_FIELDS} }} ... on Refused {{ code nextAction }} }} }}"""


async def test_an_integrator_gets_a_sandbox_register_by_one_call(empty: Shop) -> None:
    empty.ofd.simulator.exchange._settings = OfdSettings(open_registration=True)

    made = await empty.ask(SANDBOX)
    await empty.work()
    empty.register_id = await own_id(empty, "Проба")
    life, sale = await empty.life(), await empty.sell()

    assert (made["stage"], life["stage"], life["isSandbox"]) == ("CHECKING", "ACTIVE", True)
    assert (sale["state"], sale["isTest"]) == ("FISCALIZED", True)
    text = await empty.ask("query($id: ID!) { sale(id: $id) { receipt { text } } }", id=sale["id"])
    assert "ТЕСТ" in text["receipt"]["text"]


async def own_id(shop: Shop, title: str) -> str:
    (row,) = await shop.rows("SELECT id FROM org_register WHERE title = ?", title)
    return str(row["id"])


async def test_there_is_no_sandbox_without_a_simulator() -> None:
    async with open_shop(is_active=False, profiles=REAL) as shop:
        refused = await shop.ask(SANDBOX)

        assert refused["code"] == "SANDBOX_NOT_SET_UP"
        assert await shop.rows("SELECT id FROM org_register WHERE title = 'Проба'") == []


async def test_the_life_of_another_companys_kkm_is_nobodys_business(shop: Shop) -> None:
    stranger = SYSTEM.within(CompanyId(new_id()))
    context = GqlContext(shop.app, stranger, request_id="test", language="ru")
    query = f"query($id: ID!) {{ kkmLife(registerId: $id) {{ {LIFE_FIELDS} }} }}"

    result = await shop.app.schema.execute(query, {"id": to_global("Register", shop.register_id)}, context)

    assert result.data["kkmLife"]["stage"] == "NONE"
    assert result.data["kkmLife"]["kkm"] is None
