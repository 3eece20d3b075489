"""Client of 1C's EquipmentService: SOAP 1.1 over HTTP with Basic authentication.

1C publishes the service, a till is its client. Operations are those of the interface (Connect, GetVersion,
GetPriceList, PreparePriceList, PrepareFullPriceList, GetPriceListPackage, PostDocs); payloads are XML inside
a string. Answers are read by local names, because the names of wrappers differ between configurations.
"""

from __future__ import annotations

from http import HTTPStatus

import httpx
from lxml import etree

from addons.catalog_1c.adapters.equipment_xml import first, parse, value
from addons.catalog_1c.domain.device_files import FILE_MIB_MAX
from addons.catalog_1c.domain.equipment import ServiceAddress
from addons.catalog_1c.services.equipment_ports import Package
from kernel.bounded_answer import read_bounded
from kernel.data.work import forbid_in_transaction
from kernel.errors import Refusal, Unavailable

NAMESPACE = "http://www.1c.ru/EquipmentService"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
DEADLINE_S = 60
CONNECT_S = 10
ANSWER_BYTES_MAX = 2 * FILE_MIB_MAX * 1024**2  # a package is escaped inside the answer
SALES = "SaleReport"
_DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class SoapEquipmentService:
    """One conversation with the service of one 1C base."""

    def __init__(self, address: ServiceAddress, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._address = address
        login = httpx.BasicAuth(address.login.encode(), (address.password or "").encode())
        self._client = httpx.AsyncClient(
            auth=login if address.login else None,
            timeout=httpx.Timeout(DEADLINE_S, connect=CONNECT_S),
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    async def connect(self) -> bool:
        """Whether 1C knows our device."""
        return _text(await self._call("Connect")).lower() == "true"

    async def version(self) -> int:
        """Number of the interface: 1005 … 3003."""
        text = _text(await self._call("GetVersion"))
        if not text.isdigit():
            raise Refusal("C1C_SERVICE_STRANGE", operation="GetVersion")
        return int(text[:9])

    async def price_list(self) -> bytes:
        """The whole list in one answer, as the first versions give it."""
        content = _payload(await self._call("GetPriceList"))
        if content is None:
            raise Refusal("C1C_SERVICE_STRANGE", operation="GetPriceList")
        return content

    async def prepare(self, *, is_full: bool) -> str:
        """Have 1C form the packages; the identifier of the transfer."""
        operation = "PrepareFullPriceList" if is_full else "PreparePriceList"
        answer = await self._call(operation, Full=_flag(is_full))
        transfer_id = value(answer, "TransferID") or _text(answer)
        if not 0 < len(transfer_id) <= 80:
            raise Refusal("C1C_SERVICE_STRANGE", operation=operation)
        return transfer_id

    async def package(self, transfer_id: str, *, is_restart: bool) -> Package:
        """The next package, from the first one on a restart."""
        answer = await self._call("GetPriceListPackage", TransferID=transfer_id, Restart=_flag(is_restart))
        content = _payload(answer)
        if content is None:
            return Package(None)
        return Package(content, _number(answer, "PackageNumber"), _number(answer, "PackageTotal"))

    async def post_sales(self, document: str) -> str | None:
        """Hand over a report of a shift: None when 1C took it, else why not."""
        answer = await self._call("PostDocs", DocType=SALES, Document=document)
        verdict = (value(answer, "IsSuccess") or _text(answer)).lower()
        if verdict == "true":
            return None
        if verdict != "false":
            raise Refusal("C1C_SERVICE_STRANGE", operation="PostDocs")
        return (value(answer, "Description") or "")[:300]

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def _call(self, operation: str, **parameters: str) -> etree._Element:
        """What the operation returned."""
        forbid_in_transaction()
        given = {} if operation == "GetVersion" else {"DeviceID": self._address.device_id}
        body = _envelope(operation, {**given, **parameters})
        headers = {
            "Content-Type": "text/xml; charset=utf-8",
            "SOAPAction": f'"{NAMESPACE}#EquipmentService:{operation}"',
        }
        try:
            async with self._client.stream(
                "POST", self._address.url, content=body, headers=headers
            ) as answer:
                status, content = answer.status_code, await _read(answer, operation)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise Unavailable("C1C_SERVICE_SILENT", reason=type(error).__name__) from error
        if status in _DENIED:
            raise Refusal("C1C_SERVICE_DENIED", status=status)
        return _returned(content, operation, status)


async def _read(answer: httpx.Response, operation: str) -> bytes:
    content = await read_bounded(answer, ANSWER_BYTES_MAX)
    if content is None:
        raise Refusal("C1C_SERVICE_STRANGE", operation=operation)
    return content


def _envelope(operation: str, parameters: dict[str, str]) -> bytes:
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE, "m": NAMESPACE})
    call = etree.SubElement(etree.SubElement(root, f"{{{ENVELOPE}}}Body"), f"{{{NAMESPACE}}}{operation}")
    for name, text in parameters.items():
        etree.SubElement(call, f"{{{NAMESPACE}}}{name}").text = text
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _returned(content: bytes, operation: str, status: int) -> etree._Element:
    """The element inside <operation>Response. A server error without a fault says nothing: it may have been
    a proxy on the way."""
    try:
        body = first(parse(content, file=operation, bytes_max=ANSWER_BYTES_MAX), "Body")
    except Refusal as refusal:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unavailable("C1C_SERVICE_SILENT", reason=str(status)) from refusal
        raise Refusal("C1C_SERVICE_STRANGE", operation=operation) from refusal
    fault = first(body, "Fault")
    if fault is not None:
        text = value(fault, "faultstring") or "".join(fault.itertext())
        raise Refusal("C1C_SERVICE_FAULT", operation=operation, reason=" ".join(text.split())[:300])
    returned = first(body, f"{operation}Response", "return")
    if returned is None:
        raise Refusal("C1C_SERVICE_STRANGE", operation=operation)
    return returned


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()


def _payload(element: etree._Element) -> bytes | None:
    """The XML that came as a string, wherever the answer holds it."""
    for text in (element.text, *(child.text for child in element)):
        if text is not None and text.lstrip().startswith("<"):
            # The declaration of a string inside a document says nothing about our bytes.
            start = text.find("?>") + 2 if text.lstrip().startswith("<?xml") else 0
            return text[start:].encode()
    return None


def _number(element: etree._Element, name: str) -> int:
    text = value(element, name) or ""
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise Refusal("C1C_SERVICE_STRANGE", operation=name)
    return int(text)


def _flag(is_set: bool) -> str:
    return "true" if is_set else "false"
