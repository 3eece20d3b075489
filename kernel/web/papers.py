"""A paper as a page: the same blocks as on a roll, in the theme's letters. For a page of its own make a
template that extends core/paper.html.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from kernel.printing.codes import barcode_svg, qr_svg
from kernel.printing.layout import plain_text
from kernel.printing.paper import Barcode, Block, Cut, Paper, Picture, Qr, Row, Rule, Space, Style, Text
from kernel.web.rendering import render

PAPER_TEMPLATE = "core/paper.html"


@dataclass(frozen=True, slots=True)
class Piece:
    """A block as templates see it. kind: text, row, rule, space, code, picture; look: classes of its style;
    svg: an element of our own making.
    """

    kind: str
    look: str = ""
    cells: tuple[str, ...] = ()
    svg: str = ""
    source: str = ""


def render_paper(request: Request, paper: Paper, *, status: int = 200) -> HTMLResponse:
    """The paper as a page for a browser, ready to be printed from it."""
    context = {"title": paper.title, "paper_language": paper.language, "pieces": pieces(paper)}
    return render(request, PAPER_TEMPLATE, context, status=status)


def pieces(paper: Paper) -> list[Piece]:
    """The blocks for a template."""
    return [piece for block in paper.blocks if (piece := _piece(block)) is not None]


def _piece(block: Block) -> Piece | None:
    match block:
        case Text(text, style):
            return Piece("text", _look(style), (plain_text(text),))
        case Row(cells, style):
            indent = " is-indented" if cells[0].startswith(" ") else ""
            return Piece("row", _look(style) + indent, tuple(plain_text(cell).strip() for cell in cells))
        case Rule(stroke):
            return Piece("rule", f"rule-{stroke.value}")
        case Space():
            return Piece("space")
        case Qr(text):
            return Piece("code", "qr", (text,), Markup(qr_svg(text)))
        case Barcode(text):
            return Piece("code", "barcode", (text,), Markup(barcode_svg(text)))
        case Picture(png):
            data = base64.b64encode(png).decode()
            return Piece("picture", cells=(block.alt,), source=f"data:image/png;base64,{data}")
        case Cut():
            return None


def _look(style: Style) -> str:
    looks = [f"align-{style.align.value}", f"size-{style.size.value}"]
    looks += ["is-bold"] if style.is_bold else []
    looks += ["is-inverted"] if style.is_inverted else []
    return " ".join(looks)
