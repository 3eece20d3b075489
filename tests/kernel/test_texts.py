"""What may stand on a receipt, in a catalogue and in a ticket."""

from __future__ import annotations

import pytest

from kernel.texts import one_line


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Нан   ақ\n500 г\t", "Нан ақ 500 г"),
        ("A\x00B", "A B"),
        ("\x1bp\x00\x19\xfa", "p ú"),  # ESC p opens the drawer of a receipt printer
        ("abc\u202egnp.exe", "abc gnp.exe"),
        ("👨‍👩‍👧 Ә", "👨‍👩‍👧 Ә"),
        ("\x1c\x85\u2028", ""),
    ],
)
def test_a_line_steers_neither_printer_nor_reader(typed: str, kept: str) -> None:
    assert one_line(typed) == kept
