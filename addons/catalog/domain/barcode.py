"""Barcodes of goods as keys of a search. Weight and price barcodes of shop scales do not belong here."""

from __future__ import annotations

GTIN_LENGTHS = frozenset({8, 12, 13, 14})
KEY_LENGTH = 14
_ZERO = ord("0")
BARCODE_LENGTH_MAX = 64


def check_digit(body: str) -> int:
    """GS1 mod-10 check digit of a body of digits: weights 3 and 1 from the right (GS1 General Specifications
    §7.9)."""
    digits = body.encode("ascii")
    odd, even = digits[::-2], digits[-2::-2]
    total = 3 * (sum(odd) - len(odd) * _ZERO) + sum(even) - len(even) * _ZERO
    return -total % 10


def is_gtin(text: str) -> bool:
    """True for 8, 12, 13 or 14 digits whose check digit is right."""
    return (
        len(text) in GTIN_LENGTHS
        and text.isascii()
        and text.isdigit()
        and check_digit(text[:-1]) == int(text[-1])
    )


def barcode_key(text: str) -> str:
    """Key under which a barcode is stored and looked up.

    A valid GTIN is padded to 14 digits, so that the 12, 13 and 14 digit forms of one good meet; anything else
    (internal codes of
    9–10 digits are common) is kept as written, without surrounding blanks.
    """
    text = text.strip()[:BARCODE_LENGTH_MAX]
    return text.rjust(KEY_LENGTH, "0") if is_gtin(text) else text
