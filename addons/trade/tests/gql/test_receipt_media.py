"""One receipt in every form: asked for in GraphQL, fetched by its link, dressed with logo and texts."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pypdfium2
import pytest
from PIL import Image

from addons.trade.api import (
    AdvertKind,
    FiscalState,
    SaleId,
    receipt_escpos,
    receipt_pdf,
    receipt_png,
    receipt_text,
    record_register_adverts,
)
from addons.trade.services.receipts import TOKEN_LENGTH, receipt_token
from addons.trade.services.register_sale import register_sale
from addons.trade.settings import TradeSettings
from addons.trade.tests.shop import BINS, Shop, furnish, open_shop
from gateway.app import create_app
from kernel.company_settings import choose_setting
from kernel.data.work import Reader, Work
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.ids import new_id
from kernel.mail import File
from kernel.printing.escpos import EscposOptions
from kernel.printing.tests.printer import Printer
from kernel.security.principal import SYSTEM

RECEIPT = """
query Receipt($id: ID!, $printer: EscposInput) { sale(id: $id) {
  receipt(language: RU, isCopy: true) {
    text(width: 42) escpos(printer: $printer) url pdfUrl(roll: MM58) pngUrl code isCopy } } }"""
TEXT = """
mutation Text($text: String!, $outlet: ID, $register: ID) {
  setReceiptText(text: $text, outletId: $outlet, registerId: $register) {
    ... on ReceiptBranding { logo texts { kind isOfOfd text outletId registerId } }
    ... on Refused { code field } } }"""
LOGO = """
mutation Logo($image: String) { setReceiptLogo(image: $image) {
  ... on ReceiptBranding { logo texts { text } } ... on Refused { code field message } } }"""


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with open_shop() as opened:
        yield opened.with_rights("trade.branding", "trade.preview")


@pytest.fixture
async def browser(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(shop.app))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


async def ask(shop: Shop, query: str, **variables: Any) -> Mapping[str, Any]:
    context = GqlContext(shop.app, shop.principal, request_id="test", language="ru")
    result = await shop.app.schema.execute(query, variable_values=variables, context_value=context)
    assert result.errors is None, result.errors
    return result.data


async def sold(shop: Shop, state: FiscalState = FiscalState.FISCALIZED, **changes: Any) -> SaleId:
    accepted = await shop.run(register_sale, shop.buy("Нан", "Дәрі", cash="2000"))
    if state is not FiscalState.PENDING:
        await shop.report(accepted.sale_id, state, **changes)
    return accepted.sale_id


async def link(shop: Shop, state: FiscalState = FiscalState.FISCALIZED, **changes: Any) -> str:
    return f"/r/{receipt_token(await shop.sale(await sold(shop, state, **changes)))}"


def png(size: tuple[int, int] = (200, 100)) -> str:
    out = io.BytesIO()
    Image.new("L", size, 0).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


async def test_a_client_gets_the_receipt_in_every_form(shop: Shop) -> None:
    sale_id = await sold(shop)
    printer = {"columns": 32, "encoding": "CP1251", "opensDrawer": True}
    asked = await ask(shop, RECEIPT, id=to_global("Sale", sale_id), printer=printer)
    receipt = asked["sale"]["receipt"]

    assert "ДУБЛИКАТ" in receipt["text"]
    assert max(len(line) for line in receipt["text"].splitlines()) <= 42
    printed = Printer(32).feed(base64.b64decode(receipt["escpos"]))
    assert any("ДУБЛИКАТ" in line for line in printed.lines)
    assert (printed.drawers, printed.cuts) == (1, 1)
    token = receipt_token(await shop.sale(sale_id))
    assert receipt["url"].endswith(f"/r/{token}")
    assert receipt["pdfUrl"].endswith(f"/r/{token}.pdf?paper=58&lang=ru&copy=1")
    assert receipt["pngUrl"].endswith(f"/r/{token}.png?paper=80&lang=ru&copy=1")


async def test_receipts_of_a_list_are_read_together(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        await sold(shop)
    asked: list[str] = []
    rows, together = Reader.rows, Reader.together

    def counted_rows(self: Reader, sql: str, *params: Any) -> Any:
        asked.append("rows")
        return rows(self, sql, *params)

    def counted_together(self: Reader, *questions: Any) -> Any:
        asked.append("together")
        return together(self, *questions)

    monkeypatch.setattr(Reader, "rows", counted_rows)
    monkeypatch.setattr(Reader, "together", counted_together)
    query = "{ sales(first: 50) { nodes { receipt { text(width: 32) pdfUrl } receiptText } } }"
    nodes = (await ask(shop, query))["sales"]["nodes"]

    assert len(nodes) == 5
    assert all("ФИСКАЛДЫҚ ЧЕК" in node["receipt"]["text"] for node in nodes)
    assert asked.count("together") == 1  # logo and texts
    assert asked.count("rows") <= 4  # page and lines; on SQLite those asked together count too


async def test_a_width_no_printer_has_is_refused(shop: Shop) -> None:
    sale_id = to_global("Sale", await sold(shop))
    context = GqlContext(shop.app, shop.principal, request_id="test", language="ru")
    variables = {"id": sale_id, "printer": {"columns": 40}}

    result = await shop.app.schema.execute(RECEIPT, variable_values=variables, context_value=context)

    assert result.errors is not None
    assert result.errors[0].extensions["code"] == "PRINTING_WIDTH_IMPOSSIBLE"


async def test_other_add_ons_print_receipts_by_their_id(shop: Shop) -> None:
    sale_id = await sold(shop)
    async with shop.app.database.reading(shop.principal) as reader:
        text = await receipt_text(reader, sale_id, columns=32, is_copy=True)
        job = await receipt_escpos(reader, sale_id, options=EscposOptions(columns=48), is_copy=True)
        pdf = await receipt_pdf(reader, sale_id, paper_mm=58)
        picture = await receipt_png(reader, sale_id)
        maker = shop.app.registry.attachment_maker("trade.receipt_pdf")
        assert maker is not None
        file = await maker(reader, sale_id)
        with pytest.raises(Refusal, match="SALE_UNKNOWN"):
            await receipt_pdf(reader, new_id())
        with pytest.raises(Refusal, match="PRINTING_WIDTH_IMPOSSIBLE"):
            await receipt_png(reader, sale_id, paper_mm=76)

    assert "КӨШІРМЕ" in text
    assert any("ДУБЛИКАТ" in line for line in Printer(48).feed(job).lines)
    assert pdf.startswith(b"%PDF-")
    assert picture.startswith(b"\x89PNG")
    assert isinstance(file, File)
    assert (file.name, file.media_type) == (f"receipt-{sale_id}.pdf", "application/pdf")
    assert file.content.startswith(b"%PDF-")


async def test_a_receipt_of_another_company_is_unknown(shop: Shop) -> None:
    sale_id = await sold(shop)
    stranger = await furnish(shop.app, shop.fiscalizer, company_bin=BINS[1])

    async with shop.app.database.reading(stranger.principal) as reader:
        with pytest.raises(Refusal, match="SALE_UNKNOWN"):
            await receipt_text(reader, sale_id)


async def test_a_company_chooses_the_language_of_its_receipts(shop: Shop) -> None:
    sale_id = await sold(shop)

    async def choose(work: Work) -> None:
        await choose_setting(work, TradeSettings, "receipt_language", "kk")

    await shop.run(choose)
    async with shop.app.database.reading(SYSTEM) as reader:
        await shop.app.database.choices.refresh(reader)
    async with shop.app.database.reading(shop.principal) as reader:
        text = await receipt_text(reader, sale_id)

    assert "БАРЛЫҒЫ " in text
    assert "ИТОГО" not in text


async def test_the_link_gives_files_that_may_be_kept(shop: Shop, browser: httpx.AsyncClient) -> None:
    path = await link(shop)
    pdf = await browser.get(f"{path}.pdf?paper=58&lang=kk")
    picture = await browser.get(f"{path}.png")

    assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
    assert pdf.headers["content-disposition"] == 'inline; filename="receipt-42.pdf"'
    assert pdf.headers["cache-control"] == "private, max-age=86400"
    assert pdf.headers["referrer-policy"] == "no-referrer"
    assert pdf.headers["x-robots-tag"] == "noindex"
    document = pypdfium2.PdfDocument(pdf.content)
    assert "БАРЛЫҒЫ" in document[0].get_textpage().get_text_range()
    document.close()
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(picture.content)).width == 80 * 16
    assert pdf.headers["etag"] != picture.headers["etag"]


async def test_a_file_the_reader_has_is_not_drawn_again(
    shop: Shop, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await link(shop)
    tag = (await browser.get(f"{path}.png")).headers["etag"]

    async def never(*_: object) -> bytes:
        raise AssertionError("drawn again")

    monkeypatch.setattr("addons.trade.pages.receipt_page.drawn", never)
    again = await browser.get(f"{path}.png", headers={"If-None-Match": f'"other", W/{tag}'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag


async def test_a_receipt_that_may_still_become_fiscal_is_asked_for_every_time(
    shop: Shop, browser: httpx.AsyncClient
) -> None:
    sale_id = await sold(shop, FiscalState.OFFLINE)
    path = f"/r/{receipt_token(await shop.sale(sale_id))}.png"
    before = await browser.get(path)
    await shop.report(sale_id, FiscalState.FISCALIZED, is_offline=True, offline_number=77)
    after = await browser.get(path, headers={"If-None-Match": before.headers["etag"]})

    assert before.headers["cache-control"] == "private, no-cache"
    assert after.status_code == 200
    assert after.headers["cache-control"] == "private, max-age=86400"


async def test_a_copy_is_marked_on_the_page_and_in_files(shop: Shop, browser: httpx.AsyncClient) -> None:
    path = await link(shop)

    assert "КӨШІРМЕ" in (await browser.get(f"{path}?copy=1")).text
    assert "КӨШІРМЕ" not in (await browser.get(path)).text
    tags = {(await browser.get(f"{path}.pdf{more}")).headers["etag"] for more in ("", "?copy=1")}
    assert len(tags) == 2


@pytest.mark.parametrize("paper", ["57", "0", "-80", "x", "9" * 30])
async def test_a_roll_there_is_not_is_refused(shop: Shop, browser: httpx.AsyncClient, paper: str) -> None:
    answer = await browser.get(f"{await link(shop)}.pdf", params={"paper": paper})

    assert answer.status_code == 400
    assert "PRINTING_WIDTH_IMPOSSIBLE" in answer.text


async def test_files_of_a_wrong_link_are_not_found(shop: Shop, browser: httpx.AsyncClient) -> None:
    path = await link(shop)

    for wrong in (f"{path[:-1]}.pdf", "/r/x.png", f"{path}.pdf.pdf", f"{path}.gif"):
        assert (await browser.get(wrong)).status_code == 404


async def test_a_scanner_finds_the_ticket_by_its_bar_code(shop: Shop) -> None:
    sale_id = await sold(shop)
    query = "query Find($code: String!) { saleByCode(code: $code) { id } }"
    asked = await ask(shop, RECEIPT, id=to_global("Sale", sale_id))
    code = asked["sale"]["receipt"]["code"]

    assert (await ask(shop, query, code=f" {code}\n"))["saleByCode"] == {"id": to_global("Sale", sale_id)}
    for other in ("", "1", f"{code[:-1]}{9 - int(code[-1])}", "9" * 18, "9" * 31, "٣" * 18, "x" * 18):
        assert (await ask(shop, query, code=other))["saleByCode"] is None
    stranger = await furnish(shop.app, shop.fiscalizer, company_bin=BINS[1])
    assert (await ask(stranger, query, code=code))["saleByCode"] is None


async def test_a_logo_appears_on_paper_and_page(shop: Shop, browser: httpx.AsyncClient) -> None:
    path = await link(shop)
    before = (await browser.get(f"{path}.png")).headers["etag"]
    kept = (await ask(shop, LOGO, image=png()))["setReceiptLogo"]

    assert base64.b64decode(kept["logo"]).startswith(b"\x89PNG")
    assert f'src="data:image/png;base64,{kept["logo"]}"' in (await browser.get(path)).text
    assert (await browser.get(f"{path}.png")).headers["etag"] != before
    assert (await ask(shop, LOGO, image=None))["setReceiptLogo"]["logo"] is None
    assert (await browser.get(f"{path}.png")).headers["etag"] == before
    async with shop.app.database.reading(SYSTEM) as reader:
        audited = await reader.rows("SELECT id FROM kernel_audit WHERE action = 'trade.receipt_logo'")
    assert len(audited) == 2


@pytest.mark.parametrize("image", ["", "%%%", base64.b64encode(b"<svg/>").decode(), "A" * 900_000])
async def test_what_is_no_picture_is_refused_and_nothing_changes(shop: Shop, image: str) -> None:
    kept = (await ask(shop, LOGO, image=png()))["setReceiptLogo"]["logo"]
    answer = (await ask(shop, LOGO, image=image))["setReceiptLogo"]

    assert answer["code"] in ("LOGO_NOT_A_PICTURE", "LOGO_TOO_LARGE")
    assert (await ask(shop, "{ receiptBranding { logo } }"))["receiptBranding"]["logo"] == kept


async def test_texts_of_the_ofd_the_company_an_outlet_and_a_register(shop: Shop) -> None:
    sale_id = await sold(shop)
    async with shop.app.database.reading(shop.principal) as reader:
        row = await reader.row("SELECT outlet_id FROM org_register WHERE id = ?", shop.register_id)
    assert row is not None
    outlet, register = to_global("Outlet", row["outlet_id"]), to_global("Register", shop.register_id)

    async def from_ofd(work: Work, *texts: tuple[AdvertKind, str]) -> None:
        await record_register_adverts(work, shop.register_id, texts)

    await shop.run(from_ofd, (AdvertKind.KKM, "Текст ККМ от ОФД"), (AdvertKind.OFD, "Текст ОФД"))
    await ask(shop, TEXT, text="Біздің касса", register=register)
    await ask(shop, TEXT, text="Біздің дүкен", outlet=outlet)
    kept = (await ask(shop, TEXT, text="Біздің компания"))["setReceiptText"]["texts"]

    assert [(each["kind"], each["isOfOfd"], each["text"]) for each in kept] == [
        ("OFD", True, "Текст ОФД"),
        ("ORGANIZATION", False, "Біздің компания"),
        ("OUTLET", False, "Біздің дүкен"),
        ("KKM", True, "Текст ККМ от ОФД"),
        ("KKM", False, "Біздің касса"),
    ]
    assert (kept[2]["outletId"], kept[4]["registerId"]) == (outlet, register)
    async with shop.app.database.reading(shop.principal) as reader:
        text = await receipt_text(reader, sale_id)
    places = [text.index(each["text"]) for each in kept]
    assert places == sorted(places)

    # The OFD changes its mind, and the company takes its own away.
    await shop.run(from_ofd, (AdvertKind.OFD, "Жаңа мәтін"))
    await ask(shop, TEXT, text="", register=register)
    left = (await ask(shop, TEXT, text=" ", outlet=outlet))["setReceiptText"]["texts"]
    assert [each["text"] for each in left] == ["Жаңа мәтін", "Біздің компания"]


async def test_a_text_of_another_register_is_not_printed(shop: Shop) -> None:
    sale_id = await sold(shop)

    async def elsewhere(work: Work) -> None:
        await record_register_adverts(work, new_id(), [(AdvertKind.OFD, "Чужой текст")])

    await shop.run(elsewhere)
    async with shop.app.database.reading(shop.principal) as reader:
        assert "Чужой текст" not in await receipt_text(reader, sale_id)


async def test_whatever_the_ofd_sends_is_kept_within_bounds(shop: Shop) -> None:
    sale_id = await sold(shop)

    async def from_ofd(work: Work) -> None:
        await record_register_adverts(
            work,
            shop.register_id,
            [
                (AdvertKind.OFD, "длинно " * 1_000),
                (AdvertKind.KKM, "a\x1b@b\n" * 40),
                (AdvertKind.OUTLET, " "),
            ],
        )

    await shop.run(from_ofd)
    async with shop.app.database.reading(shop.principal) as reader:
        text = await receipt_text(reader, sale_id)
    assert text.count("длинно") in (71, 72)
    assert text.count("a@b") == 12
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"text": "x" * 501}, "RECEIPT_TEXT_TOO_LONG"),
        ({"text": "x\n" * 13}, "RECEIPT_TEXT_TOO_LONG"),
        ({"text": "x", "outlet": to_global("Outlet", new_id())}, "OUTLET_UNKNOWN"),
        ({"text": "x", "register": to_global("Register", new_id())}, "REGISTER_UNKNOWN"),
        (
            {
                "text": "x",
                "outlet": to_global("Outlet", new_id()),
                "register": to_global("Register", new_id()),
            },
            "RECEIPT_PLACE_AMBIGUOUS",
        ),
    ],
)
async def test_a_text_for_nobody_is_refused(shop: Shop, variables: dict[str, Any], code: str) -> None:
    assert (await ask(shop, TEXT, **variables))["setReceiptText"]["code"] == code


async def test_wrong_links_of_an_address_are_answered_later_and_a_right_one_always(
    shop: Shop, browser: httpx.AsyncClient
) -> None:
    right = await browser.get(await link(shop))
    statuses = [(await browser.get(f"/r/{'A' * TOKEN_LENGTH}")).status_code for _ in range(22)]

    assert statuses == [404] * 20 + [429] * 2
    assert right.status_code == 200
    assert (await browser.get(right.url)).status_code == 200
