"""A terminal from the paper contract to its grave, and everything that is not let through on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from addons.organization.api import CreateCompany, CreateOwner, create_owner, hash_password
from addons.pos_terminal.domain.commands import (
    ApplyForTerminal,
    AskRequisites,
    BindOperator,
    ChangeTerminal,
    ConnectTerminal,
    DecideApplication,
    EditApplication,
    ProvisionTerminal,
)
from addons.pos_terminal.services import applications, terminals
from addons.pos_terminal.services.contracts import set_contract
from addons.pos_terminal.services.operators import bind_operator
from addons.pos_terminal.services.requisites import requisites_of, requisites_on
from addons.pos_terminal.services.terminal_card import terminal_card
from addons.pos_terminal.tests.merchant import (
    BIC,
    IBAN,
    OTHER_IBAN,
    Merchant,
    contract,
    form,
)
from addons.pos_terminal.tests.money import payment_row
from addons.pos_terminal.tests.refusing import refused
from kernel.clock import FrozenClock
from kernel.data.work import Work
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.mail.post import stored_letter
from kernel.security.principal import SYSTEM


async def test_from_application_to_keys(merchant: Merchant) -> None:
    application_id = await merchant.apply()
    row = await merchant.row("SELECT * FROM pos_application")
    terminal_id = row["terminal_id"]
    states = [await state(merchant, terminal_id)]
    assert (row["iban"], row["bic"], row["zip"]) == (IBAN, BIC, "050000")

    early = merchant.do(applications.send_application, application_id)
    assert await refused(early) == "APPLICATION_STATE"
    await merchant.sign(application_id)
    states.append(await state(merchant, terminal_id))
    await merchant.do(applications.send_application, application_id)
    states.append(await state(merchant, terminal_id))
    decision = DecideApplication(application_id, 1, True)
    own = merchant.do(applications.decide_application, decision)
    assert await refused(own) == "APPLICATION_SELF_DECIDED"
    await merchant.do(applications.decide_application, decision, by=merchant.banker)
    states.append(await state(merchant, terminal_id))
    numbers = ProvisionTerminal(terminal_id, "TRM00001")
    await merchant.do(terminals.provision_terminal, numbers, by=merchant.banker)
    states.append(await state(merchant, terminal_id))
    await merchant.do(terminals.note_master_key, terminal_id)
    states.append(await state(merchant, terminal_id))
    await merchant.do(terminals.note_working_keys, terminal_id)
    states.append(await state(merchant, terminal_id))

    assert states == [
        "draft", "signed", "in_review", "approved", "provisioned", "keys_loaded", "active"
    ]  # fmt: skip
    async with merchant.app.database.reading(merchant.owner) as reader:
        card, terms = await terminal_card(reader, terminal_id)
    assert (card.terminal_code, card.merchant_code) == ("TRM00001", "MRC000000000001")
    assert (card.address, card.driver) == ("host.example.kz:5000", "test_bank")
    assert (terms.zone, terms.cut_off_minute, terms.batch) == ("Asia/Almaty", 1350, 1)
    kept = await merchant.row("SELECT * FROM org_signature")
    assert (kept["company_id"], kept["purpose"]) == (merchant.company_id, "card_terminal")
    assert IBAN in kept["text"]


async def test_any_edit_takes_the_signature_away(merchant: Merchant) -> None:
    application_id = await merchant.apply()
    signature = await merchant.signed_text(application_id)
    edit = EditApplication(application_id, merchant.place("Касса у входа"), form(city="Астана"))
    await merchant.do(applications.edit_application, edit)
    late = applications.sign_application(merchant.app.database, merchant.owner, signature)
    assert await refused(late) == "APPLICATION_CHANGED"

    await merchant.sign(application_id)
    await merchant.do(applications.send_application, application_id)
    await merchant.do(applications.edit_application, edit)

    row = await merchant.row("SELECT * FROM pos_application")
    assert (row["state"], row["version"], row["signature_id"], row["signer_name"]) == ("draft", 3, None, "")
    decision = DecideApplication(application_id, 2, True)
    seen_before = merchant.do(applications.decide_application, decision, by=merchant.banker)
    assert await refused(seen_before) == "APPLICATION_STATE"
    await merchant.sign(application_id)
    await merchant.do(applications.send_application, application_id)
    another = merchant.do(applications.decide_application, decision, by=merchant.banker)
    assert await refused(another) == "APPLICATION_CHANGED"
    assert await state(merchant, row["terminal_id"]) == "in_review"


async def test_the_acquirers_manager_is_appointed_and_told(merchant: Merchant) -> None:
    company, user = CreateCompany("230140000021", "Банк"), "manager@bank.example.kz"
    person = CreateOwner(user, "Менеджер", await hash_password("correct horse"), company)
    _, user_id = await merchant.app.database.transact(create_owner, person, principal=SYSTEM)
    member = {"id": new_id(), "user_id": user_id, "company_id": merchant.company_id, "role": "accountant"}
    await merchant.do(_insert, "org_membership", {**member, "is_active": 1, "created_ms": 0})
    document = """mutation ($id: ID!) { appointAcquirerManager(userId: $id) { __typename } }"""
    await merchant.ask(document, id=to_global("User", user_id))
    application_id = await merchant.apply()
    await merchant.sign(application_id)

    await merchant.do(applications.send_application, application_id)

    assert "Терминал 1" in (await letters(merchant))[user]
    await merchant.ask(document.replace("appoint", "dismiss"), id=to_global("User", user_id))
    assert not await merchant.rows("SELECT id FROM org_member_role WHERE role = 'acquirer'")


async def test_a_no_needs_a_reason_and_is_told(merchant: Merchant) -> None:
    application_id = await merchant.apply()
    await merchant.sign(application_id)
    await merchant.do(applications.send_application, application_id)
    mute = DecideApplication(application_id, 1, False)
    silent = merchant.do(applications.decide_application, mute, by=merchant.banker)
    assert await refused(silent) == "APPLICATION_FIELD_EMPTY"

    no = replace(mute, reason="Нет договора аренды")
    await merchant.do(applications.decide_application, no, by=merchant.banker)

    assert "Нет договора аренды" in (await letters(merchant))["pay@shop.kz"]
    again = EditApplication(application_id, merchant.place(), form())
    await merchant.do(applications.edit_application, again)
    await merchant.do(applications.withdraw_application, application_id)
    row = await merchant.row("SELECT a.state, t.state AS terminal FROM pos_application a, pos_terminal t")
    assert dict(row) == {"state": "withdrawn", "terminal": "closed"}


BAD_FORMS = (
    ({"iban": "KZ21601KZT5004100100"}, "IBAN_WRONG_DIGITS"),
    ({"iban": "KZ20601KZT50041"}, "IBAN_MALFORMED"),
    ({"iban": ""}, "APPLICATION_FIELD_EMPTY"),
    ({"bic": "HSBKKZKY"}, "BIC_UNKNOWN"),
    ({"zip": "5000"}, "APPLICATION_ZIP_MALFORMED"),
    ({"business": " \n "}, "APPLICATION_FIELD_EMPTY"),
    ({"city": "а" * 101}, "APPLICATION_FIELD_LONG"),
    ({"serial_number": "№ 5"}, "TERMINAL_SERIAL_MALFORMED"),
    ({"contact_email": "pay@shop"}, "EMAIL_MALFORMED"),
    ({"agreement": "2025-01"}, "ACQUIRER_TERMS_NOT_ACCEPTED"),
)


async def test_bad_forms_are_refused(merchant: Merchant) -> None:
    found = [await refused(merchant.apply(**changes)) for changes, _ in BAD_FORMS]
    assert found == [code for _, code in BAD_FORMS]
    assert not await merchant.rows("SELECT id FROM pos_terminal")


async def test_one_device_is_one_terminal_and_a_smart_one_needs_no_application(merchant: Merchant) -> None:
    await merchant.apply()
    assert await refused(merchant.apply()) == "TERMINAL_SERIAL_TAKEN"
    kaspi = contract(title="Kaspi", driver="kaspi_smartpos", address="")
    kaspi_id = await merchant.do(set_contract, kaspi)
    asked = ApplyForTerminal(kaspi_id, merchant.place(), form(serial_number="K-100"))
    unneeded = merchant.do(applications.apply_for_terminal, asked)
    assert await refused(unneeded) == "TERMINAL_NEEDS_NO_APPLICATION"
    connect = ConnectTerminal(merchant.contract_id, merchant.place(), "")
    assert await refused(merchant.do(terminals.connect_terminal, connect)) == "TERMINAL_NEEDS_APPLICATION"
    there = "https://192.168.1.20:8080"
    smart = ConnectTerminal(kaspi_id, merchant.place("Kaspi Pay"), there, "K-100", is_through_agent=True)

    terminal_id = await merchant.do(terminals.connect_terminal, smart)

    async with merchant.app.database.reading(merchant.owner) as reader:
        card, terms = await terminal_card(reader, terminal_id)
    assert (card.address, card.is_through_agent, terms.state.value) == (there, True, "active")
    wrong = replace(smart, address="file:///etc/passwd", serial_number="")
    assert await refused(merchant.do(terminals.connect_terminal, wrong)) == "ACQUIRER_ADDRESS_MALFORMED"


async def test_an_operator_has_one_terminal_and_it_one_operator(merchant: Merchant) -> None:
    first = await merchant.working_terminal()
    second = await merchant.working_terminal("TRM00002", "Терминал 2")
    aigul, daniyar, _ = merchant.operators
    await merchant.do(bind_operator, BindOperator(first, aigul))
    twice = merchant.do(bind_operator, BindOperator(second, aigul))
    assert await refused(twice) == "OPERATOR_HAS_TERMINAL"

    await merchant.do(bind_operator, BindOperator(first, daniyar))
    await merchant.do(bind_operator, BindOperator(second, aigul))

    sql = "SELECT terminal_id, operator_id, until_ms IS NULL AS is_now FROM pos_operator_binding ORDER BY id"
    history = [tuple(row.values()) for row in await merchant.rows(sql)]
    assert history == [(first, aigul, 0), (first, daniyar, 1), (second, aigul, 1)]
    await merchant.do(payment_row, first, "UNKNOWN")
    moved = merchant.do(bind_operator, BindOperator(first, None))
    assert await refused(moved) == "TERMINAL_NOT_QUIET"
    assert await refused(merchant.do(terminals.close_terminal, first)) == "TERMINAL_NOT_QUIET"
    elsewhere = ChangeTerminal(first, merchant.place(), "host2.example.kz:5000")
    assert await refused(merchant.do(terminals.change_terminal, elsewhere)) == "TERMINAL_NOT_QUIET"
    await merchant.do(terminals.close_terminal, second)
    assert (await merchant.row("SELECT operator_id FROM pos_terminal WHERE id = ?", second))[
        "operator_id"
    ] is None


async def test_other_requisites_hold_for_the_whole_banking_day(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    clock = merchant.app.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(days=3))
    asked = AskRequisites(terminal_id, OTHER_IBAN, "CASPKZKA", "new@shop.kz")
    application_id = await merchant.do(applications.ask_requisites, asked, by=merchant.clerk)
    twice = merchant.do(applications.ask_requisites, asked)
    assert await refused(twice) == "APPLICATION_OPEN"
    await merchant.sign(application_id)
    await merchant.do(applications.send_application, application_id)
    decision = DecideApplication(application_id, 1, True)
    for person in (merchant.owner, merchant.clerk):  # one signed, the other asked
        own = merchant.do(applications.decide_application, decision, by=person)
        assert await refused(own) == "APPLICATION_SELF_DECIDED"

    await merchant.do(applications.decide_application, decision, by=merchant.banker)

    async with merchant.app.database.reading(merchant.owner) as reader:
        rows = await requisites_of(reader, terminal_id)
        today, yesterday = (requisites_on(rows, day) for day in ("2026-01-18", "2026-01-17"))
    assert today is not None
    assert yesterday is not None
    assert (today["iban"], today["version"], yesterday["iban"]) == (OTHER_IBAN, 2, IBAN)
    told = await letters(merchant)
    assert "…0001" in told["pay@shop.kz"]
    assert OTHER_IBAN not in "".join(told.values())
    same = merchant.do(applications.ask_requisites, asked)
    assert await refused(same) == "REQUISITES_SAME"


async def test_a_new_account_of_the_company_touches_no_terminal(merchant: Merchant) -> None:
    terminal_id = await merchant.working_terminal()
    await merchant.ask(
        """mutation ($iban: String!) { changeCompanyDetails(input: {iban: $iban, bic: "CASPKZKA"}) {
        __typename } }""",
        iban=OTHER_IBAN,
    )
    row = await merchant.row("SELECT iban, bic FROM pos_terminal WHERE id = ?", terminal_id)
    assert dict(row) == {"iban": IBAN, "bic": BIC}


async def test_the_whole_way_by_graphql(merchant: Merchant) -> None:
    made = await merchant.ask(
        """mutation ($o: ID!, $r: ID!, $c: ID!) { applyForTerminal(contractId: $c,
        place: {outletId: $o, registerId: $r, title: "У входа"}, form: {
        serialNumber: "SN-7", business: "Хлеб", city: "Алматы", zip: "A05E4F6",
        iban: "kz20 601k zt50 0410 0100", bic: "CASPKZKA", contactEmail: "a@b.kz", agreement: "2026-03"}) {
        ... on TerminalApplication { id state version iban isOtherBank terminalId }
        ... on Refused { code } } }""",
        o=to_global("Outlet", merchant.outlet_id),
        r=to_global("Register", merchant.register_id),
        c=to_global("AcquirerContract", merchant.contract_id),
    )
    application = made["applyForTerminal"]
    assert (application["iban"], application["isOtherBank"]) == (IBAN, True)
    seen = await merchant.ask(
        """query ($id: ID!) { cardTerminal(id: $id) { title state contract { title driver { name needsKeys }
        terms { cutOffMinute tariffs { scheme ratePpm } } } applications { id } bindings { since } }
        terminalApplications(state: DRAFT) { id } acquirerContracts { title }
        cardTerminals(first: 5, filter: {state: DRAFT}) { totalCount } }""",
        merchant.banker,
        id=application["terminalId"],
    )
    terminal = seen["cardTerminal"]
    assert (terminal["title"], terminal["state"]) == ("У входа", "DRAFT")
    assert terminal["contract"]["driver"] == {"name": "test_bank", "needsKeys": True}
    assert [each["id"] for each in terminal["applications"]] == [application["id"]]
    assert seen["cardTerminals"]["totalCount"] == len(seen["terminalApplications"]) == 1


async def state(merchant: Merchant, terminal_id: str) -> str:
    """Where the terminal is in its life."""
    return str((await merchant.row("SELECT state FROM pos_terminal WHERE id = ?", terminal_id))["state"])


async def letters(merchant: Merchant) -> dict[str, str]:
    """Text of the last letter to each address."""
    found: dict[str, str] = {}
    for row in await merchant.rows("SELECT id FROM kernel_letter ORDER BY posted_ms, id"):
        async with merchant.app.database.reading(SYSTEM) as reader:
            letter = await stored_letter(reader, row["id"])
        assert letter is not None
        found[letter[0].to] = letter[0].text
    return found


async def test_a_register_leaves_when_no_card_is_open_there(merchant: Merchant) -> None:
    own = await merchant.working_terminal()
    kaspi = contract(title="Kaspi", driver="kaspi_smartpos", address="")
    kaspi_id = await merchant.do(set_contract, kaspi)
    command = ConnectTerminal(kaspi_id, merchant.place("Kaspi"), "https://192.168.1.20:8080")
    smart = await merchant.do(terminals.connect_terminal, command)
    there = await merchant.ask(
        'mutation { createOutlet(input: {title: "Склад", address: "Алматы"}) { ... on Outlet { id } } }'
    )
    document = """mutation ($id: ID!, $to: ID!) { moveRegister(id: $id, outletId: $to) {
        __typename ... on Refused { code } } }"""
    ids = {"id": to_global("Register", merchant.register_id), "to": there["createOutlet"]["id"]}
    await merchant.do(payment_row, own, "REVIEW")
    held = await merchant.ask(document, **ids)
    assert held["moveRegister"]["code"] == "CARD_OPERATIONS_OPEN"
    await merchant.do(_all_over)

    moved = await merchant.ask(document, **ids)

    assert moved["moveRegister"]["__typename"] == "Register"
    sql = "SELECT id, register_id, outlet_id FROM pos_terminal"
    found = {row["id"]: (row["register_id"], row["outlet_id"]) for row in await merchant.rows(sql)}
    assert found[own] == (None, merchant.outlet_id)
    assert found[smart][0] == merchant.register_id
    assert found[smart][1] != merchant.outlet_id


async def _insert(work: Work, table: str, values: dict[str, Any]) -> None:
    await work.insert(table, values)


async def _all_over(work: Work) -> None:
    await work.execute("UPDATE pos_payment SET state = 'DECLINED'")
