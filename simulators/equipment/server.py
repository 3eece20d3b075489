"""The stand-in over HTTP: SOAP 1.1, Basic authentication, payloads as text inside the answer."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from simulators.equipment.base import EquipmentBase, ServiceError
from simulators.serving import break_off, endpoint_of, serving

PATH = "/retail/ws/EquipmentService.1cws"
NAMESPACE = "http://www.1c.ru/EquipmentService"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"


def build_service(base: EquipmentBase) -> Starlette:
    """The application of one base."""

    async def answer(request: Request) -> ASGIApp:
        if not _is_allowed(base, request.headers.get("authorization", "")):
            return Response(status_code=401, headers={"WWW-Authenticate": 'Basic realm="1C"'})
        try:
            body = etree.fromstring(await request.body(), etree.XMLParser(resolve_entities=False))
            call = body.find(f"{{{ENVELOPE}}}Body")[0]
            operation = etree.QName(call).localname
        except (etree.XMLSyntaxError, TypeError, IndexError):
            return _fault("Неверный конверт SOAP")
        given = {etree.QName(each).localname: each.text or "" for each in call}
        expected = f'"{NAMESPACE}#EquipmentService:{operation}"'
        if request.headers.get("soapaction") != expected:
            return _fault(f"Операция {operation} не найдена")
        base.calls.append(operation)
        if base.faults.strikes("silent", operation):
            return break_off
        try:
            returned = perform(base, operation, given)
        except ServiceError as error:
            return _fault(str(error))
        if base.faults.strikes("cut", operation):
            return break_off
        if base.faults.strikes("broken", operation):
            return Response("<html>Ошибка</html", media_type="text/html")
        return _envelope(_response(operation, returned))

    return Starlette(routes=[Route(PATH, endpoint_of(answer), methods=["POST"])])


def perform(base: EquipmentBase, operation: str, given: dict[str, str]) -> dict[str, str] | str:
    """What the operation returns: fields, or a plain text."""
    device_id = given.get("DeviceID", "")
    match operation:
        case "GetVersion":
            return str(base.version)
        case "Connect":
            return _flag(base.connect(device_id))
        case "GetPriceList":
            return base.whole_list(device_id).decode()
        case "PreparePriceList" | "PrepareFullPriceList":
            return base.prepare(device_id, is_full=given.get("Full") == "true")
        case "GetPriceListPackage":
            is_restart = given.get("Restart") == "true"
            package = base.package(device_id, given.get("TransferID", ""), is_restart=is_restart)
            if package is None:
                return {"NotFormed": "true"}
            content, number, total = package
            return {"Package": content.decode(), "PackageNumber": str(number), "PackageTotal": str(total)}
        case "GetSettings":
            return base.settings(device_id).decode()
        case "GetDocs":
            return base.orders(device_id, given.get("DocType", "")).decode()
        case "GetGood":
            return base.good(device_id, given.get("Barcode", "")).decode()
        case "PostDocs":
            reason = base.post(device_id, given.get("DocType", ""), given.get("Document", ""))
            return {"IsSuccess": _flag(reason is None), "Description": reason or ""}
        case _:
            raise ServiceError(f"Операция {operation} не найдена")


@asynccontextmanager
async def serving_equipment(
    base: EquipmentBase, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[str]:
    """Serve the base while the block runs; gives the address of the service."""
    async with serving(build_service(base), host=host, port=port) as served:
        yield f"http://{host}:{served.port}{PATH}"


def _is_allowed(base: EquipmentBase, header: str) -> bool:
    kind, _, text = header.partition(" ")
    try:
        told = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    right = f"{base.login}:{base.password}"
    return kind.lower() == "basic" and secrets.compare_digest(told.encode(), right.encode())


def _response(operation: str, returned: dict[str, str] | str) -> etree._Element:
    wrapper = etree.Element(f"{{{NAMESPACE}}}{operation}Response", nsmap={"m": NAMESPACE})
    holder = etree.SubElement(wrapper, f"{{{NAMESPACE}}}return")
    if isinstance(returned, str):
        holder.text = returned
        return wrapper
    for name, text in returned.items():
        etree.SubElement(holder, f"{{{NAMESPACE}}}{name}").text = text
    return wrapper


def _envelope(content: etree._Element, status: int = 200) -> Response:
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    etree.SubElement(root, f"{{{ENVELOPE}}}Body").append(content)
    body = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return Response(body, status_code=status, media_type="text/xml; charset=utf-8")


def _fault(text: str) -> Response:
    fault = etree.Element(f"{{{ENVELOPE}}}Fault")
    etree.SubElement(fault, "faultcode").text = "soap:Client"
    etree.SubElement(fault, "faultstring").text = text
    return _envelope(fault, status=500)


def _flag(is_set: bool) -> str:
    return "true" if is_set else "false"
