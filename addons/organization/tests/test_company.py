"""Details of a company: what is accepted, what becomes of titles, what is written down; people and names."""

from __future__ import annotations

from pathlib import Path

import pytest

from addons.organization.api import CreateUser, create_user
from addons.organization.domain.banks import read_banks
from addons.organization.domain.company import (
    LegalForm,
    check_bic,
    check_iban,
    check_login,
    check_name,
    check_oked,
    check_phone,
    titles_of,
)
from addons.organization.services.company_details import CompanyDetails, change_details, company_changes
from addons.organization.services.people import DescribeUser, describe_user, grant_role, withdraw_role
from addons.organization.services.sessions import TokenPair
from addons.organization.services.sign_in import SignIn, sign_in
from addons.organization.tests.shops import (
    FIRST_BIN,
    PASSWORD,
    SECOND_BIN,
    ask,
    audited,
    open_shop,
    opened_app,
    password_hash,
)
from kernel.errors import Refusal
from kernel.security.authenticator import Authenticator


def _code(check: object, *args: object, **kwargs: object) -> str:
    with pytest.raises(Refusal) as refusal:
        check(*args, **kwargs)  # type: ignore[operator]
    return refusal.value.code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("«Береке»", "COMPANY_NAME_QUOTED"),
        ('Береке "Плюс"', "COMPANY_NAME_QUOTED"),
        ("ТОО Береке", "COMPANY_NAME_WITH_FORM"),
        ("Береке ЖШС", "COMPANY_NAME_WITH_FORM"),
        ("", "TEXT_EMPTY"),
    ],
)
def test_a_name_stands_without_quotes_and_form(name: str, code: str) -> None:
    assert _code(check_name, name, field="name") == code


def test_titles_are_made_of_form_and_name() -> None:
    assert titles_of(LegalForm.TOO, "Береке", "") == ("ТОО «Береке»", "«Береке» ЖШС")
    assert titles_of(LegalForm.IP, "Ахметова", "Ахметова А.") == ("ИП «Ахметова»", "«Ахметова А.» ЖК")
    assert titles_of(LegalForm.OTHER, "Мешіт", "") == ("«Мешіт»", "«Мешіт»")


def test_an_operators_directory_of_banks_is_read_or_says_which_line_is_wrong() -> None:
    given = ["\ufeff# from the bank, 2027", "", "NOVAKZKA;Новый банк", 'caspkzka,"Kaspi, банк"']

    assert read_banks(given) == {"NOVAKZKA": "Новый банк", "CASPKZKA": "Kaspi, банк"}
    for wrong in (["DEUTDEFF;x"], ["NOVAKZKA;"], ["NOVAKZKA"], [*given, "NOVAKZKA;again"], ["# none"]):
        with pytest.raises(ValueError, match=r"line \d|0 banks"):
            read_banks(wrong)


async def test_a_company_may_name_banks_of_the_operators_directory_alone(tmp_path: Path) -> None:
    path = tmp_path / "banks.csv"
    path.write_text("NOVAKZKA;Новый банк\n", encoding="utf-8")
    async with opened_app(organization={"banks_file": str(path)}) as app:
        shop = await open_shop(app)

        await app.database.transact(change_details, CompanyDetails(bic="novakzka"), principal=shop.owner)

        told = await ask(app, "{ banks { bic title } companyDetails { bic bank } }", shop.owner)
        assert told["banks"] == [{"bic": "NOVAKZKA", "title": "Новый банк"}]
        assert told["companyDetails"] == {"bic": "NOVAKZKA", "bank": "Новый банк"}
        with pytest.raises(Refusal) as refusal:
            await app.database.transact(change_details, CompanyDetails(bic="CASPKZKA"), principal=shop.owner)
        assert refusal.value.code == "BIC_UNKNOWN"


def test_accounts_banks_phones_and_activities_are_checked() -> None:
    assert check_iban("KZ86 125k zt50 0410 0100") == "KZ86125KZT5004100100"
    assert _code(check_iban, "KZ86125KZT5004100101") == "IBAN_WRONG_DIGITS"
    assert _code(check_iban, "DE89370400440532013000") == "IBAN_MALFORMED"
    assert check_bic("caspkzkaxxx") == "CASPKZKA"
    assert _code(check_bic, "DEUTDEFF") == "BIC_UNKNOWN"
    assert check_phone("8 (701) 123-45-67") == check_phone("+7 701 1234567") == "+77011234567"
    assert _code(check_phone, "911") == "PHONE_MALFORMED"
    assert check_oked("47.11.1") == "47111"
    assert _code(check_oked, "торговля") == "OKED_MALFORMED"
    assert check_login("Береке-2", field="login") == "береке-2"
    assert _code(check_login, "2береке", field="login") == "LOGIN_NAME_MALFORMED"
    assert [check_iban(""), check_bic(""), check_phone(""), check_oked("")] == [""] * 4


async def test_a_new_account_is_written_beside_the_old_one_and_the_bin_never_changes() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        transact = app.database.transact
        first = CompanyDetails(LegalForm.TOO, "Береке", iban="KZ86125KZT5004100100", bic="KCJBKZKX")
        await transact(change_details, first, principal=shop.owner)

        second = CompanyDetails(iban="KZ73 8562 2041 4058 6741", is_vat_payer=True, vat_number="1234567")
        await transact(change_details, second, principal=shop.owner)
        await transact(change_details, second, principal=shop.owner)

        async with app.database.reading(shop.owner) as reader:
            changes = {(row["field"], row["before"], row["after"]) for row in await company_changes(reader)}
        assert ("iban", "KZ86125KZT5004100100", "KZ738562204140586741") in changes
        assert ("title", f"Shop {FIRST_BIN}", "ТОО «Береке»") in changes
        assert ("vat_number", "", "1234567") in changes
        assert (await audited(app, shop.company_id)).count("organization.change_company") == 2
        seen = await ask(app, "{ me { company { bin isVatPayer } } companyDetails { iban } }", shop.owner)
        assert seen["me"]["company"] == {"bin": FIRST_BIN, "isVatPayer": True}
        with pytest.raises(Refusal) as refusal:
            await transact(change_details, CompanyDetails(iban="KZ00"), principal=shop.owner)
        assert (refusal.value.code, refusal.value.field) == ("IBAN_MALFORMED", "iban")


async def test_people_sign_in_by_company_and_user_name_unique_there() -> None:
    async with opened_app() as app:
        shop, other = await open_shop(app), await open_shop(app, SECOND_BIN)
        transact = app.database.transact
        user = CreateUser("daniyar@example.kz", "Данияр", await password_hash())
        user_id = await transact(create_user, user, principal=shop.owner)
        described = DescribeUser(user_id, "Daniyar", iin="", birth_date="1990-12-31", comment="ночь")
        await transact(describe_user, described, principal=shop.owner)
        await transact(change_details, CompanyDetails(login="bereke"), principal=shop.owner)
        await transact(describe_user, DescribeUser(other.user_id, user_name="daniyar"), principal=other.owner)
        seen = await ask(app, "{ companyDetails { number } }", shop.owner)

        for client in (str(seen["companyDetails"]["number"]), "Bereke", FIRST_BIN):
            command = SignIn("", PASSWORD, client=client, user_name="DANIYAR ")
            pair = await sign_in(app.database, command)
            assert isinstance(pair, TokenPair)
            who = await app.registry.port(Authenticator).authenticate(app.database, pair.access)
            assert (who.subject_id, who.company_id) == (user_id, shop.company_id)
        for client in ("nobody", "123", ""):
            with pytest.raises(Refusal) as refusal:
                await sign_in(app.database, SignIn("", PASSWORD, client=client, user_name="daniyar"))
            assert refusal.value.code == "SIGN_IN_WRONG"
        taken = DescribeUser(shop.user_id, user_name="daniyar")
        with pytest.raises(Refusal) as refusal:
            await transact(describe_user, taken, principal=shop.owner)
        assert refusal.value.code == "LOGIN_NAME_TAKEN"
        login = CompanyDetails(login="BEREKE")
        with pytest.raises(Refusal) as refusal:
            await transact(change_details, login, principal=other.owner)
        assert refusal.value.code == "LOGIN_NAME_TAKEN"
        people = await ask(
            app, "{ users(first: 9) { nodes { person { userName birthDate comment } } } }", shop.owner
        )
        assert {"userName": "daniyar", "birthDate": "1990-12-31", "comment": "ночь"} in [
            node["person"] for node in people["users"]["nodes"]
        ]


async def test_a_further_role_counts_from_the_next_sign_in_on() -> None:
    async with opened_app() as app:
        shop = await open_shop(app)
        authenticator = app.registry.port(Authenticator)
        before = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        await app.database.transact(grant_role, shop.user_id, "newcomer", principal=shop.owner)

        assert isinstance(before, TokenPair)
        with pytest.raises(Refusal):
            await authenticator.authenticate(app.database, before.access)
        after = await sign_in(app.database, SignIn(shop.email, PASSWORD))
        assert isinstance(after, TokenPair)
        who = await authenticator.authenticate(app.database, after.access)
        assert who.permissions == app.registry.roles["owner"] | app.registry.roles["newcomer"]
        await app.database.transact(withdraw_role, shop.user_id, "newcomer", principal=shop.owner)
        with pytest.raises(Refusal):
            await authenticator.authenticate(app.database, after.access)
