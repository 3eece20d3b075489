"""Kaspi Smart POS in the shop's network: what the device does, apart from HTTP.

Source: community clients and emulator of the protocol, version 2 (reference of acquiring, 5.2). All calls are
GET; an answer is {"data": …, "statusCode": 0} or {"errorText": …, "statusCode": code}.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from kernel.clock import Clock, SystemClock, to_ms
from simulators.smart_terminals.journal import PAYMENT, REFUND, Journal, Operation
from simulators.smart_terminals.plan import Ending, Outcome, Plan

NO_PROCESS, CANNOT_ACTUALIZE, WRONG_CREDENTIALS, BUSY, WRONG_PARAMETER = 101, 103, 105, 107, 999
UNAUTHORIZED, NO_SUCH_CALL = 401, 404
TENGE_MAX = 2**31 - 1  # the device counts in 32 bits
FORGOTTEN_MS, KEPT_MS = 120_000, 1_800_000  # a process without an end, one with
TOKEN_LIFE = timedelta(hours=24)
ACTUALIZE_PAUSE_MS = 10_000
METHODS = ("card", "qr", "alaqan")
NAME_MAX = 100


class KaspiError(Exception):
    """An error number of the device; text: what it adds."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


@dataclass(slots=True)
class Client:
    """A till that was registered: its tokens."""

    name: str
    access_token: str
    refresh_token: str
    expires_ms: int


@dataclass(slots=True)
class Process:
    """One operation as the device follows it. status: wait, success, fail, unknown."""

    operation: Operation
    ending: Ending
    began_s: float
    status: str = "wait"
    message: str = ""
    ended_s: float | None = None
    asked_s: float | None = None  # `actualize` the last time
    asks_left: int = 0


@dataclass(slots=True)
class KaspiTerminal:
    """One device.

    speed: seconds of the device in a second of the clock, so that tests need not wait; is_allowing: the
    person at the screen lets a till register.
    """

    terminal_id: str = "31452963"
    serial_number: str = "00043010171"
    bin: str = "230140000109"
    store: str = "Магазин №1"
    clock: Clock = field(default_factory=SystemClock)
    speed: int = 1
    is_allowing: bool = True
    plan: Plan = field(default_factory=Plan)
    journal: Journal = field(default_factory=Journal)
    clients: dict[str, Client] = field(default_factory=dict)  # by access token
    processes: dict[str, Process] = field(default_factory=dict)
    _last: int = 0

    def call(self, path: str, query: Mapping[str, str], access_token: str) -> dict[str, object]:
        """The `data` of one call. Raises KaspiError."""
        self.advance()
        if path == "register":
            return self._register(query)
        client = self.clients.get(access_token)
        is_late = client is not None and client.expires_ms <= to_ms(self.clock.now())
        if client is None or (is_late and path != "revoke"):  # an old token is good for renewing it
            raise KaspiError(UNAUTHORIZED, "Authorization failed")
        match path:
            case "revoke":
                return self._revoke(client, query)
            case "deviceinfo":
                return {
                    "posNum": "0",
                    "serialNum": self.serial_number,
                    "terminalId": self.terminal_id,
                }
            case "payment":
                return self._begin(PAYMENT, query)
            case "refund":
                return self._begin(REFUND, query)
            case "status":
                return self._show(*self._found(query))
            case "actualize":
                return self._actualize(*self._found(query))
        raise KaspiError(NO_SUCH_CALL, "Invalid Url. Please, contact developers")

    def expire_tokens(self) -> None:
        """As after a day."""
        for client in self.clients.values():
            client.expires_ms = 0

    def decide(self, outcome: Outcome) -> None:
        """End the operation that is held. Raises ValueError when none waits."""
        for process in self.processes.values():
            if process.status == "wait" and process.ending.outcome is Outcome.HOLD:
                self._end(process, outcome)
                return
        raise ValueError("nothing is held")

    def advance(self) -> None:
        """Let happen what the time has come for."""
        now = self.clock.monotonic()
        for number, process in list(self.processes.items()):
            passed_ms = int((now - process.began_s) * 1000 * self.speed)
            ending = process.ending
            if process.status == "wait" and ending.outcome is not Outcome.HOLD:
                if passed_ms >= ending.customer_ms and process.operation.result == "waiting":
                    self._end(process, ending.outcome)
                if process.status == "wait" and passed_ms >= FORGOTTEN_MS:
                    del self.processes[number]
            elif process.ended_s is not None and (now - process.ended_s) * 1000 * self.speed >= KEPT_MS:
                del self.processes[number]

    def as_json(self) -> dict[str, object]:
        """What the panel shows."""
        self.advance()
        return {"terminal_id": self.terminal_id, "tills": len(self.clients)} | self.journal.as_json()

    def _register(self, query: Mapping[str, str]) -> dict[str, object]:
        name = _wanted(query, "name")
        if not self.is_allowing or len(name) > NAME_MAX:
            raise KaspiError(100, "Registration was rejected on the device")
        return self._admit(name)

    def _revoke(self, client: Client, query: Mapping[str, str]) -> dict[str, object]:
        if _wanted(query, "name") != client.name:
            raise KaspiError(WRONG_CREDENTIALS, "Revoke Error. Wrong name")
        if _wanted(query, "refreshToken") != client.refresh_token:
            raise KaspiError(WRONG_CREDENTIALS, "Revoke Error. Wrong refresh token")
        del self.clients[client.access_token]
        return self._admit(client.name)

    def _admit(self, name: str) -> dict[str, object]:
        expires = self.clock.now() + TOKEN_LIFE / self.speed
        client = Client(name, secrets.token_hex(16), secrets.token_hex(16), to_ms(expires))
        self.clients[client.access_token] = client
        return {
            "accessToken": client.access_token,
            "refreshToken": client.refresh_token,
            "expirationDate": expires.strftime("%b %d, %Y %H:%M:%S"),
        }

    def _begin(self, kind: str, query: Mapping[str, str]) -> dict[str, object]:
        tenge = _tenge(_wanted(query, "amount"))
        reference = ""
        if kind == REFUND:
            if _wanted(query, "method") not in METHODS:
                raise KaspiError(WRONG_PARAMETER, "Param unvalidated: method. Unknown payment method")
            reference = _wanted(query, "transactionId")
        if any(each.status == "wait" for each in self.processes.values()):
            self.journal.breaches.append(f"{kind} of {tenge} while the last operation goes on")
            raise KaspiError(BUSY, "Could not register transaction. Last operation was not completed.")
        ending = self.plan.ending()
        self._last = max(self._last + 1, to_ms(self.clock.now()))
        operation = Operation(
            str(self._last), kind, tenge, to_ms(self.clock.now()), query.get("method", ending.method)
        )
        if kind == REFUND:
            original = self.journal.find_payment(reference)
            operation.original = "" if original is None else original.number
        process = Process(
            self.journal.begin(operation), ending, self.clock.monotonic(), asks_left=ending.asks
        )
        self.processes[operation.number] = process
        return {"processId": operation.number, "status": "wait"}

    def _end(self, process: Process, outcome: Outcome) -> None:
        operation = process.operation
        if operation.kind == REFUND and not self._may_refund(operation):
            operation.result, process.status = "declined", "fail"
            process.message = "Возврат невозможен: покупка не найдена или сумма больше остатка"
        else:
            is_charged = process.ending.is_charged
            match outcome:
                case Outcome.APPROVE | Outcome.WRONG_AMOUNT:
                    more = 1 if outcome is Outcome.WRONG_AMOUNT else 0
                    _charge(operation, operation.tenge + more)
                    process.status = "success"
                case Outcome.UNKNOWN | Outcome.FORGET:
                    if is_charged:
                        _charge(operation, operation.tenge)
                    else:
                        operation.result = "declined"
                    process.status = "unknown" if outcome is Outcome.UNKNOWN else "wait"
                    process.message = "Статус операции неизвестен"
                case Outcome.CANCEL:
                    operation.result, process.status = "cancelled", "fail"
                    process.message = "Отмена покупки; Покупатель отменил покупку"
                case _:
                    operation.result, process.status = "declined", "fail"
                    process.message = "Отказ банка; Недостаточно средств"
        if process.status != "wait":
            process.ended_s = self.clock.monotonic()

    def _may_refund(self, refund: Operation) -> bool:
        original = next((each for each in self.journal.operations if each.number == refund.original), None)
        return original is not None and refund.tenge <= self.journal.left_of(original)

    def _found(self, query: Mapping[str, str]) -> tuple[str, Process]:
        number = _wanted(query, "processId")
        process = self.processes.get(number)
        if process is None:
            raise KaspiError(NO_PROCESS, "Process not found")
        return number, process

    def _actualize(self, number: str, process: Process) -> dict[str, object]:
        now = self.clock.monotonic()
        last, process.asked_s = process.asked_s, now
        if last is not None and (now - last) * 1000 * self.speed < ACTUALIZE_PAUSE_MS:
            self.journal.breaches.append(f"actualize of {number} sooner than in 10 seconds")
            raise KaspiError(CANNOT_ACTUALIZE, "This transaction is unable to actualize")
        if process.status != "unknown":
            raise KaspiError(CANNOT_ACTUALIZE, "This transaction is unable to actualize")
        if process.asks_left:
            process.asks_left -= 1
        else:
            process.status = "success" if process.operation.result == "approved" else "fail"
        return self._show(number, process)

    def _show(self, number: str, process: Process) -> dict[str, object]:
        operation = process.operation
        answer: dict[str, object] = {"processId": number, "status": process.status}
        answer["subStatus"] = self._stage(process)
        if process.status in ("fail", "unknown"):
            answer["message"] = process.message
        if process.status == "success":
            is_card = operation.method == "card"
            answer["transactionId"] = operation.rrn if is_card else operation.order_number
            answer["addInfo"] = {"IsOffer": False, "LoanTerm": 0, "ProductType": "Gold"}
            answer["chequeInfo"] = self._cheque(operation)
        return answer

    def _cheque(self, operation: Operation) -> dict[str, object]:
        is_refund = operation.kind == REFUND
        told: dict[str, object] = {
            "storeName": self.store,
            "city": "г. Алматы",
            "address": "пр. Абая, 1",
            "bin": self.bin,
            "terminalId": self.terminal_id,
            "date": self.clock.now().strftime("%d.%m.%y %H:%M:%S"),
            "method": operation.method,
            "type": operation.kind,
            "amount": f"{'- ' if is_refund else ''}{operation.moved} ₸",
            "status": "Возврат успешно совершен" if is_refund else "Покупка с Kaspi Gold. Одобрено",
        }
        if operation.method != "card":
            return told | {"orderNumber": operation.order_number}
        return told | {
            "cardMask": operation.card_mask,
            "icc": "Visa Debit",
            "rrn": operation.rrn,
            "authorizationCode": operation.authorization_code,
            "hostResponseCode": "000",
        }

    def _stage(self, process: Process) -> str:
        is_card = process.operation.method == "card"
        match process.status:
            case "success":
                return "CardTransactionSuccess" if is_card else "QrTransactionSuccess"
            case "fail":
                if process.operation.result == "cancelled":
                    return "ProcessCancelled"
                return "CardTransactionFailure" if is_card else "QrTransactionFailure"
        passed_ms = int((self.clock.monotonic() - process.began_s) * 1000 * self.speed)
        quarter = 4 * passed_ms // max(process.ending.customer_ms, 1)
        if quarter < 1:
            return "Initialize"
        if quarter < 2:
            return "WaitUser"
        if process.operation.kind == REFUND:
            return "ProcessRefund"
        if not is_card:
            return "WaitForQrConfirmation"
        return "ProcessingCard" if quarter < 3 else "WaitForPinCode"


def _charge(operation: Operation, tenge: int) -> None:
    operation.moved, operation.result = tenge, "approved"
    if operation.method == "card":
        operation.rrn = f"{secrets.randbelow(10**12):012}"
        operation.authorization_code = f"{secrets.randbelow(10**6):06}"
        operation.card_mask = f"440043******{secrets.randbelow(10**4):04}"
    else:
        operation.order_number = f"{secrets.randbelow(10**9):09}"


def _wanted(query: Mapping[str, str], name: str) -> str:
    found = query.get(name, "")
    if not found:
        raise KaspiError(WRONG_PARAMETER, f"Missing param: {name}")
    return found


def _tenge(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(TENGE_MAX))):
        raise KaspiError(WRONG_PARAMETER, "Param unvalidated: amount. Must be a number")
    tenge = int(text)
    if not 0 < tenge <= TENGE_MAX:
        raise KaspiError(WRONG_PARAMETER, "Param unvalidated: amount. Must be greater 0")
    return tenge
