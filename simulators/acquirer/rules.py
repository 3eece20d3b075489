"""What the host makes of a request with money: a response code, and perhaps a posting. Apart from the wire.

Sources: acquiring reference §1.1 (kinds), §1.7 (codes), §1.8 (duplicates, reversals that overtake), §6.3
(banking day). Response codes are those of two digits; `told` writes them in another table's words.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from kernel.clock import Clock, to_ms
from protocols.iso8583.errors import MalformedMessage
from protocols.iso8583.message import Message
from protocols.iso8583.numbers import TENGE, OriginalSlip, Processing, read_original_data, read_original_slip
from simulators.acquirer.ledger import PURCHASE, REFUND, VOID, Ledger, Posting
from simulators.acquirer.reader import CardRefused, Read, read_card
from simulators.acquirer.settings import AcquirerSettings

APPROVED, PARTIAL, INVALID, BAD_AMOUNT, FORMAT = "00", "10", "12", "13", "30"
NO_ORIGINAL, WRONG_AMOUNT, CANNOT_VOID, REVERSED = "25", "64", "77", "79"
CUT_OFF, TOTALS_DIFFER, DUPLICATE, LIMIT = "90", "95", "94", "61"
IN_BALANCE, OUT_OF_BALANCE = "1", "2"
FORESEEN_MAX = 100_000  # reversals kept that came before their original

_SMARTVISTA = {
    APPROVED: "000",
    PARTIAL: "002",
    "03": "109",
    "05": "100",
    INVALID: "904",
    BAD_AMOUNT: "904",
    FORMAT: "904",
    "14": "111",
    NO_ORIGINAL: "914",
    "51": "116",
    "54": "101",
    "55": "117",
    "58": "109",
    LIMIT: "121",
    WRONG_AMOUNT: "915",
    "68": "912",
    "75": "106",
    CANNOT_VOID: "915",
    REVERSED: "914",
    "88": "916",
    CUT_OFF: "906",
    "91": "907",
    DUPLICATE: "913",
    TOTALS_DIFFER: "501",
    "96": "909",
    "97": "916",
}


def told(table: str, code: str) -> str:
    """The code as hosts with that table say it."""
    return _SMARTVISTA.get(code, f"1{code}") if table == "smartvista" else code


@dataclass(frozen=True, slots=True)
class Verdict:
    """code: of two digits. posting: what was posted, or what a reversal found."""

    code: str
    posting: Posting | None = None
    amount: int | None = None  # of a partial approval
    balance: str = ""
    read: Read | None = None


@dataclass(slots=True)
class Rules:
    """One host's memory and judgement."""

    settings: AcquirerSettings
    ledger: Ledger
    clock: Clock
    seed: int = 0
    # Reversals that came before their original.
    foreseen: OrderedDict[tuple[str, int, str], None] = field(default_factory=OrderedDict)
    tries: dict[str, int] = field(default_factory=dict)  # wrong PINs by masked number
    counters: dict[bytes, int] = field(default_factory=dict)  # of readers, they only go up
    _random: Random = field(init=False, repr=False)
    _zone: ZoneInfo = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._zone = ZoneInfo(self.settings.zone)

    @property
    def local(self) -> datetime:
        """The host's wall clock."""
        return self.clock.now().astimezone(self._zone)

    @property
    def day(self) -> date:
        """The banking day of this moment: from the cut-off on it is that of tomorrow."""
        local = self.local
        cut_off = time(*divmod(self.settings.cut_off_minute, 60))
        return local.date() + timedelta(days=1) if local.time() >= cut_off else local.date()

    def judge(self, message: Message, pin_keys: Sequence[bytes] = ()) -> Verdict:
        """A financial request, an advice, a reversal, totals or an upload. pin_keys: of the terminal.

        Raises MalformedMessage.
        """
        match message.message_class:
            case "2":
                verdict = self._financial(message, pin_keys)
            case "4":
                verdict = self._reversal(message)
            case "5":
                verdict = self._totals(message)
            case "3":
                verdict = self._upload(message)
            case _:
                verdict = Verdict(INVALID)
        if verdict.code not in (APPROVED, PARTIAL):
            self.ledger.decline(verdict.code)
        return verdict

    def _financial(self, message: Message, pin_keys: Sequence[bytes]) -> Verdict:
        terminal, amount = message.text(41), message.number(4)
        if message.text(49) != TENGE:
            return Verdict(INVALID)
        if amount == 0:
            return Verdict(BAD_AMOUNT)
        if amount > self.settings.amount_max:
            return Verdict(LIMIT)
        if self.ledger.batch(terminal, message.number(60)).is_closed:
            return Verdict(CUT_OFF)
        if (terminal, message.number(11), message.text(7)) in self.foreseen:
            return Verdict(REVERSED)
        match message.text(3):
            case Processing.PURCHASE:
                return self._purchase(message, amount, pin_keys)
            case Processing.VOID:
                return self._void(message, amount)
            case Processing.REFUND:
                return self._refund(message, amount)
        return Verdict(INVALID)

    def _purchase(self, message: Message, amount: int, pin_keys: Sequence[bytes]) -> Verdict:
        try:
            read = read_card(
                message,
                amount,
                counters=self.counters,
                pin_keys=pin_keys,
                is_strict=self.settings.is_strict_about_cards,
            )
        except CardRefused as refused:
            return Verdict(self._tried(refused))
        self.tries.pop(read.masked_number, None)
        return Verdict(APPROVED, self._post(message, PURCHASE, amount, read=read), read=read)

    def _tried(self, refused: CardRefused) -> str:
        """A wrong PIN counts; the third one is the last."""
        if refused.code != "55":
            return refused.code
        self.tries[refused.masked_number] = self.tries.get(refused.masked_number, 0) + 1
        return "75" if self.tries[refused.masked_number] >= 3 else "55"

    def _void(self, message: Message, amount: int) -> Verdict:
        original = self._original(message)
        if original is None:
            return Verdict(NO_ORIGINAL)
        if not original.is_standing or original.voided_by is not None:
            return Verdict(REVERSED)
        if original.amount != amount:
            return Verdict(WRONG_AMOUNT)
        if original.day != self.day or original.refunded:
            return Verdict(CANNOT_VOID)
        posting = self._post(message, VOID, amount, original=original)
        original.voided_by = posting.number
        return Verdict(APPROVED, posting)

    def _refund(self, message: Message, amount: int) -> Verdict:
        original = self._original(message)
        if original is None:
            return Verdict(NO_ORIGINAL)
        if not original.is_standing or original.voided_by is not None:
            return Verdict(REVERSED)
        left = original.amount - original.refunded
        if amount > left or (amount < original.amount and not self.settings.has_partial_refund):
            return Verdict(WRONG_AMOUNT)
        original.refunded += amount
        return Verdict(APPROVED, self._post(message, REFUND, amount, original=original))

    def _original(self, message: Message) -> Posting | None:
        slip = message.text(61)
        found: OriginalSlip | None = read_original_slip(slip) if slip else None
        key = None if found is None else (found.batch, found.stan)
        return self.ledger.payment(message.text(41), message.text(37), key)

    def _post(
        self,
        message: Message,
        kind: str,
        amount: int,
        *,
        original: Posting | None = None,
        read: Read | None = None,
    ) -> Posting:
        local = self.local
        rrn = f"{local.year % 10}{local.timetuple().tm_yday:03}{self._random.randrange(10**8):08}"
        if kind == VOID and original is not None:
            rrn = original.rrn  # a void keeps the reference of the payment
        posting = Posting(
            number=len(self.ledger.postings) + 1,
            kind=kind,
            terminal=message.text(41),
            merchant=message.text(42),
            batch=message.number(60),
            stan=message.number(11),
            transmitted=message.text(7),
            amount=amount,
            rrn=rrn,
            authorization_code=f"{self._random.randrange(10**6):06}",
            at_ms=to_ms(self.clock.now()),
            day=self.day,
            entry_mode=message.text(22),
        )
        if original is not None:
            posting.original, posting.scheme = original.number, original.scheme
            posting.masked_number, posting.is_wallet = original.masked_number, original.is_wallet
            posting.entry_mode = original.entry_mode
        if read is not None:
            posting.scheme, posting.masked_number = read.scheme, read.masked_number
            posting.is_wallet = read.is_wallet
        return self.ledger.post(posting)

    def _reversal(self, message: Message) -> Verdict:
        is_advice = message.mti[2] == "2"
        original = read_original_data(message.text(90))
        terminal = message.text(41)
        posting = self.ledger.of_message(terminal, original.stan, original.transmitted)
        if posting is None:
            self.foreseen[terminal, original.stan, original.transmitted] = None
            if len(self.foreseen) > FORESEEN_MAX:
                self.foreseen.popitem(last=False)
            return Verdict(APPROVED if is_advice else NO_ORIGINAL)
        if posting.amount != message.number(4):
            self.ledger.incidents.append(f"a reversal of {terminal} {original.stan} over another amount")
            return Verdict(APPROVED if is_advice else WRONG_AMOUNT, posting)
        if not posting.is_standing:
            return Verdict(APPROVED if is_advice else self.settings.second_reversal, posting)
        self._undo(posting)
        return Verdict(APPROVED, posting)

    def _undo(self, posting: Posting) -> None:
        posting.reversed_day = self.day
        original = None if posting.original is None else self.ledger.postings[posting.original - 1]
        if original is not None and posting.kind == VOID:
            original.voided_by = None
        if original is not None and posting.kind == REFUND:
            original.refunded -= posting.amount
        if posting.kind == PURCHASE and (posting.voided_by is not None or posting.refunded):
            self.ledger.incidents.append(f"posting {posting.number} was given back, and then reversed")

    def _totals(self, message: Message) -> Verdict:
        terminal, number = message.text(41), message.number(60)
        batch = self.ledger.batch(terminal, number)
        if batch.is_closed:
            return Verdict(APPROVED if batch.balance == IN_BALANCE else TOTALS_DIFFER, balance=batch.balance)
        is_equal = self._sums(terminal, number) == _told_sums(message)
        is_last = message.text(3) == Processing.SETTLE_AFTER_UPLOAD or message.mti[2] == "2"
        batch.balance = IN_BALANCE if is_equal else OUT_OF_BALANCE
        batch.is_closed = is_equal or is_last
        if is_last and not is_equal:
            self.ledger.incidents += self._differences(terminal, number)
        return Verdict(APPROVED if is_equal else TOTALS_DIFFER, balance=batch.balance)

    def _sums(self, terminal: str, number: int) -> tuple[int, ...]:
        counted = {PURCHASE: [0, 0], VOID: [0, 0], REFUND: [0, 0]}
        for each in self.ledger.of_batch(terminal, number):
            if each.is_standing:
                counted[each.kind][0] += 1
                counted[each.kind][1] += each.amount
        return (*counted[REFUND], *counted[PURCHASE], *counted[VOID])

    def _upload(self, message: Message) -> Verdict:
        batch = self.ledger.batch(message.text(41), message.number(60))
        if not batch.is_closed:
            batch.uploaded.append((message.number(11), message.text(7), message.number(4)))
        return Verdict(APPROVED)

    def _differences(self, terminal: str, number: int) -> list[str]:
        ours = {
            (each.stan, each.transmitted, each.amount)
            for each in self.ledger.of_batch(terminal, number)
            if each.is_standing
        }
        theirs = set(self.ledger.batch(terminal, number).uploaded)
        sides = (("host", ours - theirs), ("terminal", theirs - ours))
        found = [
            f"{terminal} {number}: {stan} only at the {side}, {tiyn}"
            for side, left in sides
            for stan, _, tiyn in sorted(left)
        ]
        return found or [f"{terminal} {number}: the totals differ, the operations do not"]


def _told_sums(message: Message) -> tuple[int, ...]:
    """Counts and sums of refunds, payments and voids, as the terminal tells them; its net must follow."""
    counts = [message.number(number) for number in (74, 76, 77)]
    sums = [message.number(number) for number in (86, 88, 89)]
    net = sums[1] - sums[2] - sums[0]
    if message.text(97) != f"{'C' if net < 0 else 'D'}{abs(net):016d}":
        raise MalformedMessage("field 97 does not follow from 86-89")
    return (counts[0], sums[0], counts[1], sums[1], counts[2], sums[2])
