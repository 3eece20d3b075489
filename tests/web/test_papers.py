"""Any paper as a page: the same words, codes as pictures, nothing of it taken for HTML."""

from __future__ import annotations

import io

from PIL import Image

from kernel.printing.paper import (
    Align,
    Barcode,
    Cut,
    Paper,
    Picture,
    Qr,
    Row,
    Rule,
    Size,
    Space,
    Stroke,
    Style,
    Text,
)
from kernel.web.papers import pieces


def test_every_block_has_its_piece() -> None:
    picture = io.BytesIO()
    Image.new("L", (8, 8)).save(picture, "PNG")
    blocks = (
        Text("<b>Чек</b>", Style(Align.CENTRE, True, Size.LARGE, True)),
        Row(("  ИТОГО", "640.00")),
        Rule(Stroke.DOUBLE),
        Space(),
        Qr("https://consumer.oofd.kz?i=1"),
        Barcode("42"),
        Picture(picture.getvalue(), 10, alt="logo"),
        Cut(),
    )
    made = pieces(Paper(blocks))

    assert [piece.kind for piece in made] == ["text", "row", "rule", "space", "code", "code", "picture"]
    assert made[0].look == "align-centre size-large is-bold is-inverted"
    assert made[0].cells == ("<b>Чек</b>",)
    assert made[1].look.endswith("is-indented")
    assert made[1].cells == ("ИТОГО", "640.00")
    assert made[4].svg.startswith("<svg ")
    assert made[6].source.startswith("data:image/png;base64,")
