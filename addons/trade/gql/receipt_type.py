"""The receipt of a ticket in GraphQL: on every medium. Annotations are real: Strawberry reads them."""

import base64
from typing import Annotated

import strawberry

from addons.trade.domain.ticket import TicketLine
from addons.trade.gql.enums import ReceiptLanguage
from addons.trade.services.print_receipt import make_paper, theme_of
from addons.trade.services.receipts import make_receipt, receipt_code, receipt_token
from addons.trade.services.records import SaleRecord
from addons.trade.settings import TradeSettings
from kernel.config_sections import ServerSettings, WebSettings
from kernel.gql.context import Info
from kernel.gql.papers import EscposAsked, EscposInput, PaperRoll, RollAsked, Width
from kernel.printing.escpos import as_escpos
from kernel.printing.layout import check_columns
from kernel.printing.paper import Paper
from kernel.printing.text import as_text
from kernel.printing.threads import drawn

WithQr = Annotated[bool, strawberry.argument(description="Whether the QR is drawn below, in half blocks.")]
Language = Annotated[
    ReceiptLanguage | None,
    strawberry.argument(description="Language of the labels; what the company chose when left out."),
]


@strawberry.type(name="Receipt", description="The paper of a ticket. All forms of it say the same.")
class ReceiptType:
    record: strawberry.Private[SaleRecord]
    ready_lines: strawberry.Private[tuple[TicketLine, ...] | None]
    language: strawberry.Private[ReceiptLanguage | None]
    is_copy: bool = strawberry.field(description="Whether it is marked «КӨШІРМЕ / ДУБЛИКАТ».")

    @strawberry.field(description="As plain text.")
    async def text(self, info: Info, width: Width = 48, with_qr: WithQr = False) -> str:
        return await self.as_text(info, width=width, with_qr=with_qr)

    @strawberry.field(description="As a job for a thermal printer: ESC/POS in base64.")
    async def escpos(self, info: Info, printer: EscposAsked = None) -> str:
        options = (printer or EscposInput()).to_options()
        return base64.b64encode(await drawn(as_escpos, await self._paper(info), options)).decode()

    @strawberry.field(description="Public page; whoever has the link may see it.")
    def url(self, info: Info) -> str:
        return receipt_url(info, self.record)

    @strawberry.field(description="The same link, as a PDF of a roll of that width.")
    def pdf_url(self, info: Info, roll: RollAsked = PaperRoll.MM80) -> str:
        return self._file_url(info, "pdf", roll)

    @strawberry.field(description="The same link, as a picture (PNG) of a roll of that width.")
    def png_url(self, info: Info, roll: RollAsked = PaperRoll.MM80) -> str:
        return self._file_url(info, "png", roll)

    @strawberry.field(description="Digits of its bar code, by which saleByCode finds the ticket.")
    def code(self) -> str:
        return receipt_code(self.record)

    async def as_text(self, info: Info, *, width: int, with_qr: bool) -> str:
        """Raises Refusal("PRINTING_WIDTH_IMPOSSIBLE")."""
        check_columns(width)
        return as_text(await self._paper(info), width, with_qr=with_qr)

    async def _paper(self, info: Info) -> Paper:
        load, record = info.context.loader, self.record
        lines = self.ready_lines
        if lines is None:
            lines = tuple(each.line for each in await load("trade.lines_by_sale").load(record.id))
        original = None
        if record.original_id is not None:
            original = await load("trade.sale_by_id").load(record.original_id)
        settings = info.context.app.database.choices.settings_of(TradeSettings, record.company_id)
        return make_paper(
            make_receipt(record, lines, original=original, is_copy=self.is_copy),
            language=self.language or settings.receipt_language,
            theme=theme_of(info.context.app.config.section(WebSettings)),
            branding=await load("trade.branding_by_register").load(record.register_id),
        )

    def _file_url(self, info: Info, ending: str, roll: PaperRoll) -> str:
        asked = [f"paper={roll.value}"]
        asked += [f"lang={self.language.value}"] if self.language else []
        asked += ["copy=1"] if self.is_copy else []
        return f"{receipt_url(info, self.record)}.{ending}?{'&'.join(asked)}"


def receipt_url(info: Info, record: SaleRecord) -> str:
    """The public link of a ticket's receipt."""
    base = info.context.app.config.section(ServerSettings).public_url.rstrip("/")
    return f"{base}/r/{receipt_token(record)}"
