"""What the tax side believes: per register every accepted document in order, counters, drawer, shift.

No rules here and no wire: rules.py decides, exchange.py applies, this keeps. Money in tiyn.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime

from simulators.ofd.settings import FIRST_DAY, RegisterData

OPERATIONS = 4  # buy, buy return, sell, sell return
REFUSALS_KEPT = 200  # last refusals kept per register
TICKET, CLOSE_SHIFT, MONEY_PLACEMENT = 1, 2, 6
WITHDRAWAL = 1
BIN_LENGTH = 12


class Document:
    """One accepted document. `operation` is of the ticket or the placement, -1 for a closed shift."""

    __slots__ = (
        "at",
        "command",
        "differences",
        "is_offline",
        "number",
        "offline_number",
        "operation",
        "payload",
        "payments",
        "reqnum",
        "retries",
        "seq",
        "shift_number",
        "sign",
        "token",
        "total",
        "version",
    )

    def __init__(
        self,
        seq: int,
        command: int,
        operation: int,
        total: int,
        at: datetime,
        version: int,
        token: int,
        reqnum: int,
        payload: bytes,
        is_offline: bool,
    ) -> None:
        self.seq = seq
        self.command = command
        self.operation = operation
        self.total = total
        self.at = at
        self.version = version
        self.token = token
        self.reqnum = reqnum
        self.payload = payload
        self.is_offline = is_offline
        self.shift_number = 0
        self.sign = ""
        self.offline_number = 0
        self.number = 0  # printed document number as told by the register, 0 = not told
        self.payments: tuple[tuple[int, int], ...] = ()  # (payment type, tiyn)
        self.retries = 0
        self.differences: tuple[str, ...] = ()  # of a close: where the register's own Z and ours disagree

    def as_json(self) -> dict[str, object]:
        return {
            "seq": self.seq,
            "command": self.command,
            "operation": self.operation,
            "total": self.total,
            "at": self.at.isoformat(),
            "version": self.version,
            "token": self.token,
            "reqnum": self.reqnum,
            "is_offline": self.is_offline,
            "offline_number": self.offline_number,
            "shift_number": self.shift_number,
            "sign": self.sign,
            "number": self.number,
            "payments": [list(payment) for payment in self.payments],
            "retries": self.retries,
            "differences": list(self.differences),
        }


class Account:
    """One register as the OFD sees it."""

    __slots__ = (
        "block_reason",
        "data",
        "documents",
        "drawer",
        "is_blocked",
        "is_shift_open",
        "last_at",
        "last_z",
        "ofd_id",
        "offline_numbers",
        "opened_at",
        "placement_counts",
        "refusals",
        "remembered",
        "requests",
        "retries",
        "seq",
        "shift_first",
        "shift_number",
        "start_sums",
        "sums",
        "ticket_counts",
        "token",
    )

    def __init__(self, ofd_id: int, token: int, data: RegisterData, kept: int) -> None:
        self.ofd_id = ofd_id
        self.token = token
        self.data = data
        self.documents: deque[Document] = deque(maxlen=kept)
        self.seq = 0
        self.drawer = 0
        self.sums = [0] * OPERATIONS  # non-nullable, since registration
        self.start_sums = [0] * OPERATIONS  # at the opening of the current or last shift
        self.ticket_counts = [0] * OPERATIONS  # since registration
        self.placement_counts = [0, 0]
        self.shift_number = 0
        self.is_shift_open = False
        self.opened_at: datetime = FIRST_DAY
        self.shift_first = 1  # seq of the first document of the current or last shift
        self.last_at: datetime = FIRST_DAY
        self.last_z = b""  # serialized ZXReport of the last close
        self.offline_numbers: set[int] = set()
        # token, reqnum, command and answer of the last accepted document
        self.remembered: tuple[int, int, int, bytes] | None = None
        self.is_blocked = False
        self.block_reason = ""
        self.requests = 0
        self.retries = 0
        self.refusals: deque[tuple[int, int, str]] = deque(maxlen=REFUSALS_KEPT)  # command, code, reason

    @property
    def last_document(self) -> Document | None:
        return self.documents[-1] if self.documents else None

    def shift_documents(self) -> list[Document]:
        """Documents of the current or last shift, oldest first."""
        found = []
        for document in reversed(self.documents):
            if document.seq < self.shift_first:
                break
            found.append(document)
        found.reverse()
        return found

    def as_json(self, *, limit: int) -> dict[str, object]:
        """Plain facts; `limit` bounds the number of documents, the newest are given."""
        documents = list(self.documents)[-limit:] if limit else []
        return {
            "ofd_id": self.ofd_id,
            "token": self.token,
            "kgd_number": self.data.kgd_number,
            "org_title": self.data.org_title,
            "org_bin": self.data.org_bin,
            "drawer": self.drawer,
            "sums": self.sums,
            "ticket_counts": self.ticket_counts,
            "placement_counts": self.placement_counts,
            "shift": {
                "number": self.shift_number,
                "is_open": self.is_shift_open,
                "opened_at": self.opened_at.isoformat() if self.shift_number else None,
            },
            "is_blocked": self.is_blocked,
            "block_reason": self.block_reason,
            "requests": self.requests,
            "retries": self.retries,
            "accepted": self.seq,
            "refusals": [list(refusal) for refusal in self.refusals],
            "documents": [document.as_json() for document in documents],
        }


class Ledger:
    """All registers of one simulated OFD; the oracle of tests."""

    def __init__(self, kept_documents: int) -> None:
        self.accounts: dict[int, Account] = {}
        self.by_kgd: dict[str, Account] = {}
        self.garbage = 0  # connections closed because of bytes that are no frame
        self.unknown = 0  # requests of unknown device ids
        self._kept = kept_documents

    def open_account(self, ofd_id: int, token: int, data: RegisterData) -> Account:
        """Register a device. Raises ValueError when the id is taken or a number is out of range."""
        if not (0 < ofd_id <= 0xFFFF_FFFF and 0 < token <= 0xFFFF_FFFF):
            raise ValueError("id and token are numbers from 1 to 4294967295")
        if ofd_id in self.accounts:
            raise ValueError(f"device {ofd_id} is registered already")
        if not data.kgd_number:
            data = data._replace(kgd_number=f"{ofd_id:012d}")
        if not data.serial_number:
            data = data._replace(serial_number=f"SIM-{ofd_id:08d}")
        account = Account(ofd_id, token, data, self._kept)
        self.accounts[ofd_id] = account
        self.by_kgd[data.kgd_number] = account
        return account

    def reregister(self, ofd_id: int, org_bin: str, org_title: str = "") -> Account:
        """The device is another company's from now on; token, counters and documents go on.

        Raises KeyError for an unknown device, ValueError for a BIN that is none.
        """
        if not (len(org_bin) == BIN_LENGTH and org_bin.isascii() and org_bin.isdigit()):
            raise ValueError("a BIN has twelve digits")
        account = self.accounts[ofd_id]
        title = org_title or account.data.org_title
        account.data = account.data._replace(org_bin=org_bin, org_title=title, org_title_kz=title)
        return account

    def account(self, ofd_id: int) -> Account:
        """Raises KeyError for an unknown device."""
        return self.accounts[ofd_id]

    def documents(self, ofd_id: int) -> list[Document]:
        return list(self.accounts[ofd_id].documents)

    def accepted(self) -> int:
        """Documents accepted from all registers."""
        return sum(account.seq for account in self.accounts.values())

    def find_ticket(self, kgd_number: str, sign: str) -> Document | None:
        """A kept ticket by the KGD number of its register and its fiscal sign or offline number."""
        account = self.by_kgd.get(kgd_number)
        if account is None:
            return None
        for document in reversed(account.documents):
            if document.command == TICKET and sign in (document.sign, str(document.offline_number or "")):
                return document
        return None

    def violations(self) -> list[str]:
        """Everything that must never be seen from a correct client; empty when all is well."""
        found: list[str] = []
        signs: set[str] = set()
        for account in self.accounts.values():
            found.extend(f"register {account.ofd_id}: {text}" for text in _violations(account))
            for document in account.documents:
                if document.sign:
                    if document.sign in signs:
                        found.append(f"register {account.ofd_id}: sign {document.sign} given twice")
                    signs.add(document.sign)
        return found


def _violations(account: Account) -> list[str]:
    found: list[str] = []
    numbers: set[int] = set()
    previous: Document | None = None
    drawer = 0
    for document in account.documents:
        if previous is not None:
            if document.seq != previous.seq + 1:
                found.append(f"document {document.seq} follows {previous.seq}")
            if document.at < previous.at:
                found.append(f"document {document.seq} is older than the one before it")
        if document.number:
            if document.number in numbers:
                found.append(f"document number {document.number} came twice")
            numbers.add(document.number)
        found.extend(f"document {document.seq}: {difference}" for difference in document.differences)
        drawer += _cash_of(document)
        previous = document
    if account.documents and account.documents[0].seq == 1 and drawer != account.drawer:
        found.append(f"the drawer holds {account.drawer}, its documents {drawer}")
    return found


def _cash_of(document: Document) -> int:
    """What the document did to the drawer."""
    if document.command == MONEY_PLACEMENT:
        return -document.total if document.operation == WITHDRAWAL else document.total
    if document.command == CLOSE_SHIFT:
        return -document.total  # cash withdrawn with the close
    cash = sum(tiyn for kind, tiyn in document.payments if kind == 0)
    return cash if document.operation in (1, 2) else -cash
