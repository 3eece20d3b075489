"""What really happened at a terminal, whatever was answered: the oracle of tests. Sums in whole tenge."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

PAYMENT, REFUND = "payment", "refund"


@dataclass(slots=True)
class Operation:
    """One operation. tenge: what was asked; moved: what was really taken (or given back), 0 while unknown."""

    number: str
    kind: str
    tenge: int
    began_ms: int
    method: str = "card"
    moved: int = 0
    result: str = "waiting"  # waiting, approved, declined, cancelled
    rrn: str = ""
    authorization_code: str = ""
    card_mask: str = ""
    order_number: str = ""
    original: str = ""  # number of the payment a refund gives back


@dataclass(slots=True)
class Journal:
    """breaches: what a client did against the rules of the terminal, in words."""

    operations: list[Operation] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)

    def begin(self, operation: Operation) -> Operation:
        """Remember it."""
        self.operations.append(operation)
        return operation

    def find_payment(self, reference: str) -> Operation | None:
        """The payment with that RRN or order number, that took money."""
        for each in reversed(self.operations):
            if each.kind == PAYMENT and each.moved and reference in (each.rrn, each.order_number):
                return each
        return None

    def left_of(self, payment: Operation) -> int:
        """What may still be given back."""
        given = sum(
            each.moved for each in self.operations if each.kind == REFUND and each.original == payment.number
        )
        return payment.moved - given

    @property
    def taken(self) -> int:
        """From customers, less what they got back."""
        return sum(each.moved if each.kind == PAYMENT else -each.moved for each in self.operations)

    def as_json(self) -> dict[str, object]:
        """For the panel and for programs."""
        return {
            "taken": self.taken,
            "breaches": self.breaches,
            "operations": [asdict(each) for each in self.operations],
        }
