"""A 1C base as its EquipmentService shows it: devices, price lists in packages, documents taken.

Operations and their order are those of the interface; what 1C does inside is reduced to what a till can see.
A transfer keeps its packages until the last one was served; a report of a shift is recognised by its UUID.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from lxml import etree

_NAMESPACE = 'xmlns="http://www.1c.ru/EquipmentService/3.0.0.3"'


class ServiceError(Exception):
    """1C answers with a SOAP fault."""


@dataclass(slots=True)
class Transfer:
    """A price list on its way. waits: how often the packages are not formed yet."""

    packages: list[bytes]
    waits: int = 0
    served: int = 0


@dataclass(slots=True)
class Faults:
    """What goes wrong next, each as often as said.

    cut: the connection breaks instead of an answer, after the work was done; silent: before it was done.
    broken: the answer is no XML. refusal: why documents are not taken, "" when they are; takes: so many are
    taken before.
    """

    cut: dict[str, int] = field(default_factory=dict)
    silent: dict[str, int] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)
    refusal: str = ""
    takes: int = 0

    def strikes(self, kind: str, operation: str) -> bool:
        """Whether a fault of that kind is armed for the operation; uses it up."""
        armed: dict[str, int] = getattr(self, kind)
        if not armed.get(operation):
            return False
        armed[operation] -= 1
        return True


@dataclass(slots=True)
class EquipmentBase:
    """One base. price_list: packages of the next full transfer; changes: of the next one with changes only.

    reports: documents taken, by UUID, newest content. posts: every PostDocs that was taken. calls: operations
    in the order they came.
    """

    devices: set[str] = field(default_factory=lambda: {"TILL-1"})
    login: str = "till"
    password: str = "secret"
    version: int = 3003
    company: str = "ТОО «Дән»"
    price_list: Sequence[bytes] = ()
    changes: Sequence[bytes] = ()
    waits: int = 0
    faults: Faults = field(default_factory=Faults)
    reports: dict[str, bytes] = field(default_factory=dict)
    posts: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    transfers: dict[str, Transfer] = field(default_factory=dict)

    def connect(self, device_id: str) -> bool:
        """Connect."""
        return device_id in self.devices

    def whole_list(self, device_id: str) -> bytes:
        """GetPriceList: everything in one string."""
        self._check(device_id)
        if len(self.price_list) != 1:
            raise ServiceError("Метод не поддерживается")
        return self.price_list[0]

    def prepare(self, device_id: str, *, is_full: bool) -> str:
        """PreparePriceList, PrepareFullPriceList: an unfinished transfer is served again under its name."""
        self._check(device_id)
        for transfer_id, transfer in self.transfers.items():
            if transfer.served < len(transfer.packages):
                return transfer_id
        transfer_id = secrets.token_hex(8)
        packages = self.price_list if is_full else self.changes
        self.transfers[transfer_id] = Transfer(list(packages) or [_empty()], waits=self.waits)
        return transfer_id

    def package(self, device_id: str, transfer_id: str, *, is_restart: bool) -> tuple[bytes, int, int] | None:
        """GetPriceListPackage: content, number, total; None when it is not formed yet."""
        self._check(device_id)
        transfer = self.transfers.get(transfer_id)
        if transfer is None:
            raise ServiceError(f"Передача {transfer_id} не найдена")
        if transfer.waits:
            transfer.waits -= 1
            return None
        if is_restart:
            transfer.served = 0
        if transfer.served >= len(transfer.packages):
            raise ServiceError("Все пакеты переданы")
        content = transfer.packages[transfer.served]
        transfer.served += 1
        return content, transfer.served, len(transfer.packages)

    def settings(self, device_id: str) -> bytes:
        """GetSettings: who the till sells for."""
        self._check(device_id)
        return f"<Settings {_NAMESPACE}><CompanyName>{escape(self.company)}</CompanyName></Settings>".encode()

    def orders(self, device_id: str, kind: str) -> bytes:
        """GetDocs: this base has no orders for tills."""
        self._check(device_id)
        if kind != "Order":
            raise ServiceError(f"Неизвестный вид документа {kind}")
        return f"<Orders {_NAMESPACE}/>".encode()

    def good(self, device_id: str, barcode: str) -> bytes:
        """GetGood: the good of a barcode, or an empty list."""
        self._check(device_id)
        for package in self.price_list:
            root = etree.fromstring(package, etree.XMLParser(resolve_entities=False))
            for code in root.iterfind(".//{*}Barcode"):
                if code.get("Value") == barcode:
                    good = next(each for each in code.iterancestors() if _name(each) == "Good")
                    return etree.tostring(good, encoding="unicode", with_tail=False).encode()
        return _empty()

    def post(self, device_id: str, kind: str, document: str) -> str | None:
        """PostDocs: None when the document was taken, else the description."""
        self._check(device_id)
        if self.faults.refusal:
            if not self.faults.takes:
                return self.faults.refusal
            self.faults.takes -= 1
        if kind != "SaleReport":
            return f"Неизвестный вид документа {kind}"
        try:
            root = etree.fromstring(document.encode(), etree.XMLParser(resolve_entities=False))
        except etree.XMLSyntaxError as error:
            return f"Ошибка чтения XML: {error}"
        uuid = root.get("UUID")
        if etree.QName(root).localname != "SaleReport" or not uuid:
            return "Документ не является отчётом о продажах"
        self.reports[uuid] = document.encode()
        self.posts.append(uuid)
        return None

    def _check(self, device_id: str) -> None:
        if device_id not in self.devices:
            raise ServiceError(f"Устройство {device_id} не найдено")


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _empty() -> bytes:
    return f'<PriceList {_NAMESPACE} FullExport="false"/>'.encode()
