"""Equipment links through GraphQL: made, run, watched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from addons.catalog_1c.tests.device_makers import frontol, frontol_good
from addons.trade.tests.shop import CASHIER
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.jobs.drive import run_due
from kernel.security.principal import Principal, PrincipalKind
from tests.onec.equipment_house import Linked, open_linked

RIGHTS = frozenset({"catalog_1c.import", "catalog_1c.manage", "catalog_1c.view"})
LINK = """
mutation ($input: LinkEquipmentInput!) {
  linkEquipment(input: $input) {
    ... on EquipmentLink {
      id connection format way folder goodsFile goodsFlag reportFile registerId hasPassword login everySeconds
      taxes { group rate } trouble { code }
    }
    ... on Refused { code field message }
  }
}"""
RUN = """
mutation ($id: ID!, $again: Boolean = false) {
  runEquipment(id: $id, sendAgain: $again) {
    ... on EquipmentLink { id } ... on Refused { code message nextAction }
  }
}"""
SEE = """
query ($id: ID!) {
  equipmentLinks(first: 5) { nodes { id ranAt trouble { code message nextAction } } }
  equipmentReports(linkId: $id, first: 5) {
    totalCount nodes { id number state shifts receipts unknownLines purchases leftOut takenAt }
  }
  catalogImports(first: 5) { nodes { connection state files created notes { message } } }
}"""
FOLLOW = "subscription ($id: ID!) { equipmentLinkChanged(id: $id) { ranAt trouble { code } } }"


@pytest.fixture
async def linked(tmp_path: Path) -> AsyncIterator[Linked]:
    async with open_linked(tmp_path) as opened:
        yield opened


def administrator(linked: Linked, rights: frozenset[str] = RIGHTS) -> Principal:
    shop = linked.desk.shop
    return Principal(PrincipalKind.USER, subject_id="u", company_id=shop.company_id, permissions=rights)


async def ask(linked: Linked, document: str, rights: frozenset[str] = RIGHTS, **variables: Any) -> Any:
    """The data of an answer without errors."""
    app = linked.desk.app
    context = GqlContext(app, administrator(linked, rights), language="ru", request_id="test")
    result = await app.schema.execute(document, variable_values=variables, context_value=context)
    assert not result.errors, result.errors
    return result.data


def choices(linked: Linked, **changes: Any) -> dict[str, Any]:
    register_id = to_global("Register", linked.desk.shop.register_id)
    return {
        "connection": "Розница",
        "format": "FRONTOL",
        "folder": "till",
        "registerId": register_id,
        "taxes": [{"group": "1", "rate": "16"}],
        **changes,
    }


async def test_a_link_is_made_run_and_seen_with_its_report_and_its_import(linked: Linked) -> None:
    made = (await ask(linked, LINK, input=choices(linked)))["linkEquipment"]
    linked.put_goods(frontol("$$$ADDQUANTITY", frontol_good("5", f23="9")))
    await linked.sell_a_shift()

    assert "code" not in (await ask(linked, RUN, id=made["id"]))["runEquipment"]
    await run_due(linked.desk.app.database)
    seen = await ask(linked, SEE, id=made["id"])

    assert (made["goodsFile"], made["goodsFlag"], made["reportFile"]) == (
        "goods.txt",
        "goods-flag.txt",
        "sales.txt",
    )
    assert (made["taxes"], made["everySeconds"]) == ([{"group": "1", "rate": "16"}], 15)
    (link,) = seen["equipmentLinks"]["nodes"]
    assert link["trouble"] is None
    assert link["ranAt"] is not None
    assert seen["equipmentReports"]["totalCount"] == 1
    (report,) = seen["equipmentReports"]["nodes"]
    assert (report["state"], report["shifts"], report["receipts"], report["unknownLines"]) == (
        "WRITTEN",
        1,
        1,
        1,
    )
    (session,) = seen["catalogImports"]["nodes"]
    assert (session["connection"], session["files"], session["created"]) == ("Розница", ["goods.txt"], 1)
    assert any("налоговой группы" in note["message"] for note in session["notes"])


async def test_what_stands_in_the_way_is_told_with_what_to_do(linked: Linked) -> None:
    made = (await ask(linked, LINK, input=choices(linked)))["linkEquipment"]
    await linked.sell_a_shift()
    await ask(linked, RUN, id=made["id"])
    await run_due(linked.desk.app.database)
    (linked.folder / "sales.txt").unlink()
    await ask(linked, RUN, id=made["id"])
    await run_due(linked.desk.app.database)

    (link,) = (await ask(linked, SEE, id=made["id"]))["equipmentLinks"]["nodes"]
    assert link["trouble"]["code"] == "C1C_REPORT_LOST"
    assert "Отчёта 1" in link["trouble"]["message"]
    await ask(linked, RUN, id=made["id"], again=True)
    await run_due(linked.desk.app.database)
    (link,) = (await ask(linked, SEE, id=made["id"]))["equipmentLinks"]["nodes"]
    assert link["trouble"] is None


async def test_a_password_goes_in_and_never_comes_out(linked: Linked) -> None:
    service = {"url": "http://127.0.0.1:9/x", "deviceId": "T1", "login": "till", "password": "тайна"}
    made = await ask(
        linked, LINK, input=choices(linked, format="EQUIPMENT", way="SERVICE", folder="", service=service)
    )

    assert made["linkEquipment"]["hasPassword"]
    assert made["linkEquipment"]["login"] == "till"
    assert "тайна" not in str(made)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"folder": "../x"}, "C1C_LINK_FILE_NAME", "folder"),
        ({"registerId": None}, "C1C_LINK_REGISTER", "registerId"),
        ({"registerId": to_global("Register", "another")}, "C1C_LINK_REGISTER", "registerId"),
        ({"format": "EQUIPMENT", "way": "SERVICE"}, "C1C_LINK_ADDRESS", "service"),
        ({"connection": " "}, "C1C_CONNECTION_TITLE_WRONG", "title"),
    ],
)
async def test_what_cannot_be_linked_is_refused_at_its_field(
    linked: Linked, changes: dict[str, Any], code: str, field: str
) -> None:
    answer = (await ask(linked, LINK, input=choices(linked, **changes)))["linkEquipment"]

    assert (answer["code"], answer["field"]) == (code, field)
    assert await linked.rows("SELECT id FROM c1c_equipment_link") == []


async def test_two_bases_never_share_a_folder(linked: Linked) -> None:
    await ask(linked, LINK, input=choices(linked))

    answer = (await ask(linked, LINK, input=choices(linked, connection="Вторая", folder="TILL")))[
        "linkEquipment"
    ]

    assert answer["code"] == "C1C_LINK_FOLDER_TAKEN"


async def test_whoever_may_only_sell_sees_nothing_of_it(linked: Linked) -> None:
    app = linked.desk.app
    context = GqlContext(app, administrator(linked, CASHIER), language="ru", request_id="test")

    result = await app.schema.execute("{ equipmentLinks(first: 1) { nodes { id } } }", context_value=context)

    assert result.errors


async def test_a_run_is_followed_as_it_ends(linked: Linked) -> None:
    made = (await ask(linked, LINK, input=choices(linked)))["linkEquipment"]
    app = linked.desk.app
    context = GqlContext(app, administrator(linked), language="ru", request_id="test")
    news = await app.schema.subscribe(FOLLOW, variable_values={"id": made["id"]}, context_value=context)

    first = await anext(news)
    await ask(linked, RUN, id=made["id"])
    await run_due(app.database)
    second = await anext(news)
    await news.aclose()

    assert first.data["equipmentLinkChanged"]["ranAt"] is None
    assert second.data["equipmentLinkChanged"]["ranAt"] is not None
