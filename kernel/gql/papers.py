"""Papers in GraphQL: any document as text, for a thermal printer, as PDF and as a picture.

Annotations are real in this module: Strawberry reads them. An add-on gives `PaperType(paper=…)` as a field.
"""

import base64
from enum import IntEnum
from typing import Annotated

import strawberry

from kernel.errors import Fault
from kernel.printing.escpos import Encoding, EscposOptions, QrBy, as_escpos
from kernel.printing.layout import check_columns
from kernel.printing.paper import Paper, Roll, roll_of_mm
from kernel.printing.pdf import as_pdf
from kernel.printing.picture import as_png
from kernel.printing.text import as_text
from kernel.printing.threads import drawn


class PaperRoll(IntEnum):
    """Usual rolls of paper, in millimetres."""

    MM58 = 58
    MM80 = 80


strawberry.enum(PaperRoll, name="PaperRoll", description="Width of a roll of paper.")
strawberry.enum(
    Encoding,
    name="EscposEncoding",
    description="How letters reach a printer: in a code page, lines that it cannot hold (Kazakh letters, ₸) "
    "as pictures; RASTER: all as a picture. RK1048 is Kazakhstan's own code page, where the printer has it.",
)
strawberry.enum(
    QrBy,
    name="EscposQr",
    description="Who draws a QR code: PRINTER, when its profile says that it can, or PICTURE.",
)

Width = Annotated[int, strawberry.argument(description="Columns: 32 for 58 mm paper, 42 or 48 for 80 mm.")]
RollAsked = Annotated[PaperRoll, strawberry.argument(description="Roll of paper.")]


@strawberry.input(description="How a thermal printer (ESC/POS) is to be addressed.")
class EscposInput:
    columns: int = strawberry.field(
        default=48, description="Characters on a line of its letters A: 32, 42 or 48."
    )
    encoding: Encoding = strawberry.field(default=Encoding.CP866, description="How letters are sent.")
    profile: str = strawberry.field(
        default="default", description="Model as python-escpos names it, such as TM-T20II."
    )
    qr: QrBy = strawberry.field(default=QrBy.PRINTER, description="Who draws the QR code.")
    has_knife: bool = strawberry.field(default=True, description="Whether it can cut the paper.")
    opens_drawer: bool = strawberry.field(default=False, description="Whether the drawer is to be opened.")

    def to_options(self) -> EscposOptions:
        """The same for the engine, which refuses what there is not."""
        return EscposOptions(
            columns=self.columns,
            encoding=self.encoding,
            profile=self.profile,
            qr=self.qr,
            has_knife=self.has_knife,
            opens_drawer=self.opens_drawer,
        )


EscposAsked = Annotated[EscposInput | None, strawberry.argument(description="The printer.")]


@strawberry.type(name="Paper", description="A document ready to be printed. All forms of it say the same.")
class PaperType:
    paper: strawberry.Private[Paper]

    @strawberry.field(description="What it is, such as the name of a file.")
    def title(self) -> str:
        return self.paper.title

    @strawberry.field(description="As plain text.")
    def text(self, width: Width = 48) -> str:
        check_columns(width)
        return as_text(self.paper, width)

    @strawberry.field(description="As a job for a thermal printer: ESC/POS in base64.")
    async def escpos(self, printer: EscposAsked = None) -> str:
        options = (printer or EscposInput()).to_options()
        return base64.b64encode(await drawn(as_escpos, self.paper, options)).decode()

    @strawberry.field(description="As a PDF of a roll of that width, in base64.")
    async def pdf(self, roll: RollAsked = PaperRoll.MM80) -> str:
        return base64.b64encode(await drawn(as_pdf, self.paper, _roll(roll))).decode()

    @strawberry.field(description="As a picture (PNG) of a roll of that width, in base64.")
    async def png(self, roll: RollAsked = PaperRoll.MM80) -> str:
        return base64.b64encode(await drawn(as_png, self.paper, _roll(roll))).decode()


def _roll(asked: PaperRoll) -> Roll:
    found = roll_of_mm(asked.value)
    if found is None:
        raise Fault(f"no roll of {asked.value} mm")
    return found
