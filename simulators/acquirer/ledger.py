"""What the acquirer believes: every operation that moved money, in order, and what became of it. Tiyn.

No rules here and no wire: rules.py decides, this keeps.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date

PURCHASE, VOID, REFUND = "purchase", "void", "refund"


@dataclass(slots=True)
class Posting:
    """One operation with money. kind: purchase, void, refund; amount: positive, what was posted.

    day: banking day it was posted in; reversed_day: of its reversal; voided_by: number of the void.
    """

    number: int
    kind: str
    terminal: str
    merchant: str
    batch: int
    stan: int
    transmitted: str  # DE7
    amount: int
    rrn: str
    authorization_code: str
    at_ms: int
    day: date
    scheme: str = ""
    entry_mode: str = ""
    masked_number: str = ""
    is_wallet: bool = False
    original: int | None = None
    voided_by: int | None = None
    refunded: int = 0
    reversed_day: date | None = None

    @property
    def is_standing(self) -> bool:
        """It was not reversed."""
        return self.reversed_day is None

    @property
    def effect(self) -> int:
        """What it takes from the customer in the end; negative when it gives back."""
        if not self.is_standing:
            return 0
        return self.amount if self.kind == PURCHASE else -self.amount


@dataclass(slots=True)
class Batch:
    """Of one terminal. balance: DE66 of its last totals; uploaded: numbers (STAN) the terminal sent again."""

    number: int
    is_closed: bool = False
    balance: str = ""
    uploaded: list[tuple[int, str, int]] = field(default_factory=list)


@dataclass(slots=True)
class Ledger:
    """incidents: what people at an acquirer would have to look at, in words."""

    postings: list[Posting] = field(default_factory=list)
    declines: dict[str, int] = field(default_factory=dict)  # by response code
    incidents: list[str] = field(default_factory=list)
    batches: dict[tuple[str, int], Batch] = field(default_factory=dict)
    _by_message: dict[tuple[str, int, str], Posting] = field(default_factory=dict)
    _by_rrn: dict[tuple[str, str], Posting] = field(default_factory=dict)
    _by_slip: dict[tuple[str, int, int], Posting] = field(default_factory=dict)
    _by_batch: dict[tuple[str, int], list[Posting]] = field(default_factory=dict)

    def post(self, posting: Posting) -> Posting:
        """Keep it and find it again by message, reference, slip and batch."""
        self.postings.append(posting)
        self._by_message[posting.terminal, posting.stan, posting.transmitted] = posting
        self._by_batch.setdefault((posting.terminal, posting.batch), []).append(posting)
        if posting.kind == PURCHASE:
            self._by_rrn[posting.terminal, posting.rrn] = posting
            self._by_slip[posting.terminal, posting.batch, posting.stan] = posting
        return posting

    def of_message(self, terminal: str, stan: int, transmitted: str) -> Posting | None:
        """What a message posted."""
        return self._by_message.get((terminal, stan, transmitted))

    def payment(self, terminal: str, rrn: str, slip: tuple[int, int] | None) -> Posting | None:
        """The purchase that a reference or a slip (batch, number) tells; None also when they contradict."""
        by_rrn = self._by_rrn.get((terminal, rrn)) if rrn else None
        by_slip = self._by_slip.get((terminal, *slip)) if slip is not None else None
        if rrn and slip is not None and by_rrn is not by_slip:
            return None
        return by_rrn or by_slip

    def of_batch(self, terminal: str, batch: int) -> list[Posting]:
        """In order."""
        return self._by_batch.get((terminal, batch), [])

    def batch(self, terminal: str, number: int) -> Batch:
        """Open until it is settled."""
        return self.batches.setdefault((terminal, number), Batch(number))

    def decline(self, code: str) -> None:
        """Count a no."""
        self.declines[code] = self.declines.get(code, 0) + 1

    @property
    def taken(self) -> int:
        """From customers, less what they got back."""
        return sum(each.effect for each in self.postings)

    def as_json(self, limit: int) -> dict[str, object]:
        """Sums, and the newest postings."""
        return {
            "taken": self.taken,
            "count": len(self.postings),
            "declines": self.declines,
            "incidents": self.incidents,
            "batches": [
                {
                    "terminal": terminal,
                    "number": each.number,
                    "is_closed": each.is_closed,
                    "balance": each.balance,
                }
                for (terminal, _), each in self.batches.items()
            ],
            "postings": [asdict(each) for each in self.postings[len(self.postings) - limit :]],
        }
