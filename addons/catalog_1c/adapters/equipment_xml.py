"""Safe reading of XML that a 1C base or a file brings: no entities, no DOCTYPE, no network, a named limit.

What the elements mean does not belong here.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Generator, Iterator, Mapping

from lxml import etree

from addons.catalog_1c.domain.device_files import FILE_MIB_MAX
from kernel.errors import Refusal

BYTES_MAX = FILE_MIB_MAX * 1024**2
NOWHERE = "00000000-0000-0000-0000-000000000000"
# Errors of libxml2 by number: document is empty, premature end, a tag or a comment that does not end.
_CUT = frozenset({4, 73, 74, 77, 5, 37, 45})
_SAFELY: Mapping[str, bool] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
}


def parse(content: bytes, *, file: str, bytes_max: int = BYTES_MAX) -> etree._Element:
    """The root of a document.

    Raises Refusals C1C_FILE_EMPTY, C1C_DEVICE_FILE_TOO_LARGE, C1C_XML_DOCTYPE, C1C_XML_CUT, C1C_XML_BROKEN.
    """
    _check(content, file=file, bytes_max=bytes_max)
    # A package is one long text inside an answer: more than libxml2 takes without being told.
    parser = etree.XMLParser(**_SAFELY, huge_tree=bytes_max > BYTES_MAX)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise _refusal(error, file) from error
    _check_type(root, file)
    return root


def stream(
    content: bytes, names: Collection[str], *, file: str
) -> Generator[etree._Element, None, etree._Element]:
    """Elements of these local names as they end, each let go when the next one comes; at last the root.

    Raises as `parse`.
    """
    _check(content, file=file, bytes_max=BYTES_MAX)
    tags = [f"{{*}}{name}" for name in names]
    events = etree.iterparse(io.BytesIO(content), events=("end",), tag=tags, **_SAFELY, huge_tree=False)
    previous: etree._Element | None = None
    try:
        for _, element in events:
            if previous is not None and previous.getparent() is not None:
                previous.getparent().remove(previous)
            previous = element
            yield element
    except etree.XMLSyntaxError as error:
        raise _refusal(error, file) from error
    root = events.root
    _check_type(root, file)
    return root


def _check(content: bytes, *, file: str, bytes_max: int) -> None:
    if len(content) > bytes_max:
        raise Refusal("C1C_DEVICE_FILE_TOO_LARGE", file=file, max=bytes_max // 1024**2)
    if not content.strip(b"\x00 \t\r\n"):
        raise Refusal("C1C_FILE_EMPTY", file=file)
    # A document type is refused before anything of it is read: it comes before the root, if at all.
    if b"<!DOCTYPE" in content[:100_000].replace(b"\x00", b""):
        raise Refusal("C1C_XML_DOCTYPE", file=file)


def _check_type(root: etree._Element, file: str) -> None:
    if root.getroottree().docinfo.doctype:
        raise Refusal("C1C_XML_DOCTYPE", file=file)


def _refusal(error: etree.XMLSyntaxError, file: str) -> Refusal:
    line, column = error.position
    return Refusal(
        "C1C_XML_CUT" if error.code in _CUT else "C1C_XML_BROKEN", file=file, line=line, column=column
    )


def name_of(element: etree._Element) -> str:
    """The local name, whatever the namespace of the version."""
    return str(etree.QName(element).localname)


def children(element: etree._Element | None, *names: str) -> Iterator[etree._Element]:
    """Elements under a path of local names: children(good, "Barcodes", "Barcode")."""
    if element is None:
        return
    if not names:
        yield element
        return
    for child in element:
        if isinstance(child.tag, str) and name_of(child) == names[0]:
            yield from children(child, *names[1:])


def first(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The first of `children`."""
    return next(children(element, *names), None)


def value(element: etree._Element, name: str) -> str | None:
    """An attribute without blanks around, or the text of a child of that name; None when there is neither."""
    attribute = element.get(name)
    if attribute is None:
        child = first(element, name)
        attribute = None if child is None else child.text or ""
    return None if attribute is None else attribute.strip()


def identity(element: etree._Element, prefix: str = "") -> str:
    """UUID of a thing, or its code: codes live only inside one exchange, the UUID of 1C is for ever."""
    uuid = (value(element, f"{prefix}UUID") or "").lower()
    return uuid if uuid and uuid != NOWHERE else value(element, f"{prefix}Code") or ""
