"""A picture that somebody sent us, made fit for paper: small, grey, a PNG of our own making."""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError

from kernel.errors import Refusal

SENT_BYTES_MAX = 512 * 1024
SENT_PIXELS_MAX = 4_000_000  # a small file may unfold into a huge picture
WIDTH_MAX, HEIGHT_MAX = 448, 176  # of what is kept: 56 × 22 mm of paper
SIDE_MIN = 16
FORMATS = ("PNG", "JPEG")


def grey_logo(sent: bytes) -> bytes:
    """The picture in grey on white, at most 448 × 176, without anything else its file held.

    Raises Refusal: LOGO_TOO_LARGE, LOGO_NOT_A_PICTURE, LOGO_TOO_SMALL.
    """
    if len(sent) > SENT_BYTES_MAX:
        raise _too_large()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow's own doubts about a picture are reasons to refuse it
            grey = _grey(sent)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Warning) as error:
        raise Refusal("LOGO_NOT_A_PICTURE") from error
    grey.thumbnail((WIDTH_MAX, HEIGHT_MAX), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    grey.save(out, "PNG", optimize=True)
    return out.getvalue()


def _grey(sent: bytes) -> Image.Image:
    with Image.open(io.BytesIO(sent), formats=FORMATS) as source:
        if source.width * source.height > SENT_PIXELS_MAX:  # known from the header, before it is unfolded
            raise _too_large()
        if min(source.size) < SIDE_MIN:
            raise Refusal("LOGO_TOO_SMALL", min=SIDE_MIN)
        source.load()
        clear = source.convert("RGBA")
    white = Image.new("RGBA", clear.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, clear).convert("L")


def _too_large() -> Refusal:
    return Refusal("LOGO_TOO_LARGE", max_kb=SENT_BYTES_MAX // 1024, max_mp=SENT_PIXELS_MAX // 1_000_000)
