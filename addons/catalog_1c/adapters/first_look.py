"""The first look at a file: is it whole, safe and in a vocabulary we read? Nothing is stored before this
passes.

The file is parsed to its end once, without building anything, so that a broken or cut file stores nothing by
halves. Reading of goods does not belong here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from addons.catalog_1c.domain.records import FileCard, Part
from kernel.errors import Refusal

CHUNK_BYTES = 256 * 1024
FILE_BYTES_MAX = 4 * 1024**3
# Elements at the head of a file that are looked at one by one; behind them the parser runs without calling
# back.
HEAD_ELEMENTS = 64
_OVERLAP_BYTES = 128
_BOM = b"\xef\xbb\xbf"
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "windows-1251": "windows-1251",
    "cp1251": "windows-1251",
    "koi8-r": "koi8-r",
}
_DECLARATION = re.compile(rb"""\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SIGNATURES = ((b"PK\x03\x04", "C1C_FILE_IS_ARCHIVE"), (b"\x1f\x8b", "C1C_FILE_IS_ARCHIVE"))
_ROOT = "КоммерческаяИнформация"
_PARTS = {
    "Классификатор": Part.CLASSIFIER,
    "Каталог": Part.CATALOGUE,
    "ПакетПредложений": Part.OFFERS,
    "ИзмененияПакетаПредложений": Part.OFFERS,
}
# Errors of expat by number, never by text: no element found, unclosed token, partial character, unclosed
# CDATA section.
_CUT = frozenset({3, 5, 6, 20})
_INVALID_TOKEN = 4
_EDI_NAMESPACE = "edi_stnd"


def look(path: Path) -> FileCard:
    """Read the file to its end and say what it is.

    Raises Refusals C1C_FILE_UNREADABLE, C1C_FILE_EMPTY, C1C_FILE_TOO_LARGE, C1C_FILE_IS_ARCHIVE,
    C1C_ENCODING_UNKNOWN, C1C_XML_CUT, C1C_XML_BROKEN, C1C_XML_DOCTYPE, C1C_NOT_COMMERCEML, C1C_EDI_PACKAGE,
    C1C_VERSION_1, C1C_NOTHING_TO_IMPORT.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(1024)
            _check_head(head, path.name, size)
            encoding, is_declared = _encoding(head, path.name)
            eyes = _Eyes(path.name, encoding)
            refusal = eyes.read(file)
            if refusal is not None and not is_declared and refusal.facts["expat"] == _INVALID_TOKEN:
                # No declaration means UTF-8; when it is not, it is what 1C 7.7 and old generators write.
                encoding = "windows-1251"
                eyes = _Eyes(path.name, encoding)
                refusal = eyes.read(file)
    except OSError as error:
        raise Refusal("C1C_FILE_UNREADABLE", file=path.name) from error
    if refusal is not None:
        raise refusal
    if not eyes.parts:
        raise Refusal("C1C_NOTHING_TO_IMPORT", file=path.name)
    return FileCard(
        path=str(path),
        bytes=size,
        parts=tuple(part for part in Part if part in eyes.parts),
        schema_version=eyes.schema_version,
        encoding=encoding,
    )


def _check_head(head: bytes, name: str, size: int) -> None:
    if not head.strip(b"\x00 \t\r\n"):
        raise Refusal("C1C_FILE_EMPTY", file=name)
    if size > FILE_BYTES_MAX:
        raise Refusal("C1C_FILE_TOO_LARGE", file=name, max=FILE_BYTES_MAX // 1024**3)
    for signature, code in _SIGNATURES:
        if head.startswith(signature):
            raise Refusal(code, file=name)


def _encoding(head: bytes, name: str) -> tuple[str, bool]:
    """The encoding to read with, and whether the file itself named it (by a mark or a declaration)."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refusal("C1C_ENCODING_UNKNOWN", file=name, encoding="UTF-16")
    if head.startswith(_BOM):
        return "utf-8", True
    declared = _DECLARATION.match(head)
    if declared is None:
        return "utf-8", False
    label = declared[1].decode("ascii")
    encoding = _ENCODINGS.get(label.lower())
    if encoding is None:
        raise Refusal("C1C_ENCODING_UNKNOWN", file=name, encoding=label)
    return encoding, True


class _Eyes:
    """Looks at the elements of the head and finds which parts the rest of the file holds."""

    def __init__(self, name: str, encoding: str) -> None:
        self.name = name
        self.schema_version = ""
        self.parts: set[Part] = set()
        self._seen = 0
        self._marks = {word.encode(encoding): part for word, part in _PARTS.items()}
        self._parser = expat.ParserCreate(encoding, namespace_separator="\n")
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, file: BinaryIO) -> Refusal | None:
        """Parse to the end. A broken file is a refusal returned; DOCTYPE and strange vocabularies are
        raised."""
        file.seek(0)
        tail = b""
        try:
            while chunk := file.read(CHUNK_BYTES):
                self._parser.Parse(chunk, False)
                self._find_parts(tail + chunk)
                tail = chunk[-_OVERLAP_BYTES:]
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            code = "C1C_XML_CUT" if error.code in _CUT else "C1C_XML_BROKEN"
            return Refusal(code, file=self.name, line=error.lineno, column=error.offset + 1, expat=error.code)
        return None

    def _find_parts(self, text: bytes) -> None:
        for mark, part in self._marks.items():
            if part in self.parts:
                continue
            place = text.find(mark)
            while place >= 0:
                before, after = text[place - 1 : place], text[place + len(mark) : place + len(mark) + 1]
                if before in (b"<", b":") and after in (b">", b"/", b" ", b"\t", b"\r", b"\n"):
                    self.parts.add(part)
                    break
                place = text.find(mark, place + 1)

    def _doctype(self, *_: object) -> None:
        raise Refusal("C1C_XML_DOCTYPE", file=self.name)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._seen += 1
        if self._seen == 1:
            self._root(tag, attributes)
        elif "Идентификатор" in attributes:
            raise Refusal("C1C_VERSION_1", file=self.name)
        if self._seen == HEAD_ELEMENTS:
            self._parser.StartElementHandler = None

    def _root(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition("\n")
        self.schema_version = attributes.get("ВерсияСхемы", "").strip()[:20]
        if _EDI_NAMESPACE in namespace or self.schema_version.startswith("4."):
            raise Refusal("C1C_EDI_PACKAGE", file=self.name)
        if name != _ROOT:
            raise Refusal("C1C_NOT_COMMERCEML", file=self.name, root=name[:60])
        if self.schema_version.startswith("1."):
            raise Refusal("C1C_VERSION_1", file=self.name)
