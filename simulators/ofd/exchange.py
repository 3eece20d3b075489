"""One request in, one answer out: acceptance of token and number, then the rules, then the ledger.

Order of acceptance (CPCR 2.0.2, codes 2, 8, 9): 1 same pair and command = retry, the stored answer again; 2
same pair, other command = 9; 3 issued token but last number = 8; 4 token not issued = 2; 5 accept, apply,
new token. A document that is refused changes neither token nor remembered pair. No sockets and no faults
here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.errors import MalformedMessage
from protocols.ofd.frame import Frame
from protocols.ofd.messages import parse_request
from simulators.ofd import answers, nomenclature, rules
from simulators.ofd.differences import differences
from simulators.ofd.ledger import WITHDRAWAL, Account, Document, Ledger
from simulators.ofd.reports import write_report
from simulators.ofd.settings import OfdSettings, RegisterData
from simulators.ofd.sums import check_sums

KNOWN_VERSIONS = frozenset((124, 125, 200, 201, 202, 203, 204))
DOCUMENTS = frozenset((pb.COMMAND_TICKET, pb.COMMAND_CLOSE_SHIFT, pb.COMMAND_MONEY_PLACEMENT))
UNKNOWN_ID, INVALID_TOKEN, PROTOCOL_ERROR, UNKNOWN_COMMAND, UNSUPPORTED = 1, 2, 3, 4, 5
SAME_NUMBER, WRONG_RETRY, CANNOT_CANCEL, WRONG_DATA, BLOCKED = 8, 9, 10, 13, 15
_COMMANDS = frozenset(pb.CommandType.values())
SIGNS = 10**10  # fiscal signs are numbers below this


class Reply(NamedTuple):
    """The token for the answer's header and its payload."""

    token: int
    payload: bytes


class Exchange:
    """The judging half of the simulator; `site`: address of check links, `cabinet`: its list of goods."""

    def __init__(self, ledger: Ledger, settings: OfdSettings, site: str) -> None:
        self.ledger = ledger
        self.site = site
        self.cabinet = nomenclature.CabinetList()
        self._settings = settings
        self._signs = 1
        self._apply: dict[int, Callable[[Account, pb.Request, Frame], tuple[int, str] | bytes]] = {
            pb.COMMAND_TICKET: self._ticket,
            pb.COMMAND_MONEY_PLACEMENT: self._placement,
            pb.COMMAND_CLOSE_SHIFT: self._close,
        }

    def handle(self, frame: Frame) -> Reply:
        """The answer to one frame; its effects are in the ledger when this returns."""
        account = self.ledger.accounts.get(frame.device_id)
        if account is None:
            account = self._unknown(frame)
            if account is None:
                return Reply(frame.token, answers.plain(_command_byte(frame.payload), UNKNOWN_ID))
        account.requests += 1
        if frame.version not in KNOWN_VERSIONS:
            return self._refuse(account, frame, PROTOCOL_ERROR, f"version {frame.version}")
        try:
            request = parse_request(frame.payload, frame.version)
        except MalformedMessage:
            return self._refuse(account, frame, PROTOCOL_ERROR, "the payload is no request")
        if not request.HasField("command"):
            return self._refuse(account, frame, UNKNOWN_COMMAND, "no known command")
        command = request.command
        if command in DOCUMENTS:
            return self._document(account, request, frame)
        return self._question(account, request, frame, command)

    def refuse(self, frame: Frame, code: int, reason: str) -> Reply:
        """Answer a code without looking at the document (faults on demand); nothing else changes."""
        account = self.ledger.accounts.get(frame.device_id)
        if account is None:
            return Reply(frame.token, answers.plain(_command_byte(frame.payload), code))
        return self._refuse(account, frame, code, reason)

    def _unknown(self, frame: Frame) -> Account | None:
        if self._settings.open_registration and frame.device_id and frame.token:
            return self.ledger.open_account(frame.device_id, frame.token, RegisterData())
        self.ledger.unknown += 1
        return None

    def _refuse(self, account: Account, frame: Frame, code: int, reason: str) -> Reply:
        command = _command_byte(frame.payload)
        account.refusals.append((command, code, reason))
        return Reply(account.token, answers.plain(command, code, reason))

    def _document(self, account: Account, request: pb.Request, frame: Frame) -> Reply:
        command = request.command
        if account.remembered is not None:
            token, reqnum, last_command, answer = account.remembered
            if (frame.token, frame.reqnum) == (token, reqnum):
                if command != last_command:
                    return self._refuse(account, frame, WRONG_RETRY, "same token and number, other command")
                account.retries += 1
                account.documents[-1].retries += 1
                return Reply(account.token, answer)
            if frame.token == account.token and frame.reqnum == reqnum:
                return self._refuse(account, frame, SAME_NUMBER, "the number of the previous request")
        if frame.token != account.token or not frame.token:
            return self._refuse(account, frame, INVALID_TOKEN, "the token is not the issued one")
        if account.is_blocked:
            return self._refuse(account, frame, BLOCKED, account.block_reason)
        outcome = self._apply[command](account, request, frame)
        if not isinstance(outcome, bytes):
            code, reason = outcome
            return self._refuse(account, frame, code, reason)
        account.remembered = (frame.token, frame.reqnum, command, outcome)
        account.token = (account.token * 1664525 + 1013904223) & 0xFFFF_FFFF or 1
        return Reply(account.token, outcome)

    def _ticket(self, account: Account, request: pb.Request, frame: Frame) -> tuple[int, str] | bytes:
        ticket = request.ticket
        if reason := rules.check_ticket_presence(request, frame.version):
            account.is_blocked = True
            account.block_reason = reason
            return BLOCKED, reason
        at = rules.moment(ticket.date_time)
        if at is None:
            return WRONG_DATA, "no such moment"
        is_offline = ticket.HasField("offline_ticket_number")
        cash = rules.cash_change(ticket)
        refused = (
            rules.check_shift_time(account, at, is_offline, self._settings.shift_hours_max)
            or rules.check_parties(account, ticket)
            or rules.check_offline_number(account, ticket)
            or rules.check_parent(self.ledger, ticket, frame.version)
            or _wrong(check_sums(ticket))
            or rules.check_cash(account, -cash)
        )
        if refused:
            return refused
        operation = ticket.operation
        total = rules.tiyn(ticket.amounts.total)
        document = self._record(
            account, frame, pb.COMMAND_TICKET, at, operation=operation, total=total, is_offline=is_offline
        )
        document.payments = tuple((payment.type, rules.tiyn(payment.sum)) for payment in ticket.payments)
        document.number = ticket.printed_document_number
        account.drawer += cash
        account.sums[operation] += total
        account.ticket_counts[operation] += 1
        if is_offline:
            document.offline_number = ticket.offline_ticket_number
            account.offline_numbers.add(document.offline_number)
        # A fixed scramble of a counter: ten digits, never the same twice.
        self._signs += 1
        document.sign = f"{self._signs * 2654435761 % SIGNS:010d}"
        link = answers.check_link(self.site, account.data, document.sign, total, at)
        return answers.ticket(document.sign, link)

    def _placement(self, account: Account, request: pb.Request, frame: Frame) -> tuple[int, str] | bytes:
        placement = request.money_placement
        if reason := rules.check_surroundings(request, frame.version):
            return PROTOCOL_ERROR, reason
        if not (placement.HasField("operation") and placement.HasField("sum")):
            return PROTOCOL_ERROR, "operation or sum is missing"
        if frame.version >= 202 and not placement.operator.HasField("code"):
            return PROTOCOL_ERROR, "operator is missing"
        at = rules.moment(placement.date_time)
        amount = rules.tiyn(placement.sum)
        if at is None or amount <= 0:
            return WRONG_DATA, "no such moment, or a sum not above zero"
        effect = -amount if placement.operation == WITHDRAWAL else amount
        refused = rules.check_shift_time(
            account, at, placement.is_offline, self._settings.shift_hours_max
        ) or rules.check_cash(account, -effect)
        if refused:
            return refused
        operation = placement.operation
        document = self._record(
            account,
            frame,
            pb.COMMAND_MONEY_PLACEMENT,
            at,
            operation=operation,
            total=amount,
            is_offline=placement.is_offline,
        )
        document.number = placement.printed_document_number
        account.drawer += effect
        account.placement_counts[operation] += 1
        return answers.plain(pb.COMMAND_MONEY_PLACEMENT, 0)

    def _close(self, account: Account, request: pb.Request, frame: Frame) -> tuple[int, str] | bytes:
        closing = request.close_shift
        if reason := rules.check_surroundings(request, frame.version):
            return PROTOCOL_ERROR, reason
        if frame.version >= 125 and not (closing.HasField("z_report") and closing.operator.HasField("code")):
            return PROTOCOL_ERROR, "z_report or operator is missing"
        at = rules.moment(closing.close_time)
        if at is None:
            return WRONG_DATA, "no such moment"
        if not account.is_shift_open:
            return WRONG_DATA, "no shift is open"
        withdrawn = account.drawer if closing.withdraw_money else 0
        document = self._record(
            account,
            frame,
            pb.COMMAND_CLOSE_SHIFT,
            at,
            operation=-1,
            total=withdrawn,
            is_offline=closing.is_offline,
        )
        document.number = closing.printed_document_number
        if withdrawn:
            account.drawer = 0
            account.placement_counts[WITHDRAWAL] += 1
        report = write_report(pb.ZXReport(), account, at=at, closed_at=at)
        if frame.version >= 125:
            document.differences = differences(closing.z_report, report)
        account.is_shift_open = False
        account.last_z = report.SerializeToString()
        return answers.close(report)

    def _record(
        self,
        account: Account,
        frame: Frame,
        command: int,
        at: datetime,
        *,
        operation: int,
        total: int,
        is_offline: bool,
    ) -> Document:
        """Append the document; the first one after a close opens the next shift."""
        account.seq += 1
        if not account.is_shift_open:
            account.is_shift_open = True
            account.shift_number += 1
            account.opened_at = at
            account.shift_first = account.seq
            account.start_sums = account.sums.copy()
        document = Document(
            account.seq,
            command,
            operation,
            total,
            at,
            frame.version,
            frame.token,
            frame.reqnum,
            frame.payload,
            is_offline,
        )
        document.shift_number = account.shift_number
        account.last_at = at
        account.documents.append(document)
        return document

    def _question(self, account: Account, request: pb.Request, frame: Frame, command: int) -> Reply:
        """Everything that is no document: no new token; REPORT does not even check the old one."""
        if command != pb.COMMAND_REPORT and frame.token != account.token:
            return self._refuse(account, frame, INVALID_TOKEN, "the token is not the issued one")
        if account.is_blocked:
            return self._refuse(account, frame, BLOCKED, account.block_reason)
        version = frame.version
        match command:
            case pb.COMMAND_SYSTEM:
                payload = answers.plain(command, 0)
            case pb.COMMAND_INFO:
                ofd = (self._settings.title, self.site)
                payload = answers.info(account, request.service, version, ofd)
            case pb.COMMAND_REPORT:
                if reason := rules.check_surroundings(request, version):
                    return self._refuse(account, frame, PROTOCOL_ERROR, reason)
                at = rules.moment(request.report.date_time) or account.last_at
                payload = answers.report(command, request.report.report, account, at)
            case pb.COMMAND_NOMENCLATURE:
                if version <= 202 and not request.nomenclature.HasField("current_version"):
                    return self._refuse(account, frame, PROTOCOL_ERROR, "current_version is missing")
                payload = nomenclature.answer(self.cabinet, request.nomenclature, version)
            case pb.COMMAND_AUTH:
                payload = _authorized()
            case pb.COMMAND_QR_GENERATE | pb.COMMAND_QR_GET_STATUS if version >= 204:
                payload = self._qr(request)
            case pb.COMMAND_CANCEL_TICKET if version < 203:
                return self._refuse(account, frame, CANNOT_CANCEL, "tickets are not cancelled here")
            case _:
                return self._refuse(account, frame, UNSUPPORTED, f"command {command} in version {version}")
        return Reply(account.token, payload)

    def _qr(self, request: pb.Request) -> bytes:
        response = pb.Response(command=request.command, result=pb.Result(result_code=0))
        response.qr.qr_code = f"{self.site}?invoice={request.qr.invoice_id}"
        response.qr.status = pb.QR_NEW
        return response.SerializeToString()


def _wrong(reason: str) -> tuple[int, str] | None:
    return (WRONG_DATA, reason) if reason else None


def _command_byte(payload: bytes) -> int:
    """The command of a request that begins with it, 0 otherwise; enough for answers to bad requests."""
    if len(payload) > 1 and payload[0] == 0x08 and payload[1] in _COMMANDS:
        return payload[1]
    return 0


def _authorized() -> bytes:
    response = pb.Response(command=pb.COMMAND_AUTH, result=pb.Result(result_code=0))
    response.auth.result = pb.AUTH_OK
    return response.SerializeToString()
