"""Our counters against the OFD's.

Source: CPCR 2.0.2 §3.8 (after an offline time counters are compared with the INFO report).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from addons.fiscal_kz.domain.counters import DRAWER, Counters, with_cash, with_ticket
from addons.fiscal_kz.domain.facts import CashFacts, TicketFacts
from addons.fiscal_kz.domain.kinds import Placement
from addons.fiscal_kz.domain.state import State


@dataclass(frozen=True, slots=True)
class Difference:
    """One counter that is not the same on both sides. explained: how much of ours − theirs are documents that
    were marked handled.
    """

    key: str
    ours: int
    theirs: int
    explained: int = 0

    @property
    def is_explained(self) -> bool:
        """True when handled documents are all of it."""
        return self.ours - self.theirs == self.explained


@dataclass(frozen=True, slots=True)
class HandledFacts:
    """What a document that was marked handled did to our counters: a ticket or a cash operation.

    is_withdrawn: a later shift close took all cash out, on each side what was in its own drawer.
    withdrawn: what this one, a close, took out of ours alone.
    """

    shift_number: int
    ticket: TicketFacts | None = None
    cash: CashFacts | None = None
    is_withdrawn: bool = False
    withdrawn: int = 0


# An offline count may differ by one for a document whose first sending arrived although nobody heard the
# answer.
_NOT_COMPARED = ("off.",)


def differences(
    state: State, theirs: Counters, *, is_shift_open: bool, handled: Iterable[HandledFacts] = ()
) -> list[Difference]:
    """Counters that differ.

    Without an open shift only totals since registration and the drawer are compared.
    """
    missing = _missing(handled, state.shift_number)
    pairs = [("life", state.counters.life, theirs.life, missing.life)]
    if is_shift_open and state.is_shift_open:
        pairs.append(("shift", state.counters.shift, theirs.shift, missing.shift))
    found = []
    for name, ours, other, explained in pairs:
        for key in sorted({*ours, *other}):
            if key.startswith(_NOT_COMPARED):
                continue
            if name == "life" and key.startswith("start.") and not is_shift_open:
                continue
            if ours.get(key, 0) != other.get(key, 0):
                difference = Difference(
                    f"{name}.{key}", ours.get(key, 0), other.get(key, 0), explained.get(key, 0)
                )
                found.append(difference)
    return found


def _missing(handled: Iterable[HandledFacts], shift_number: int) -> Counters:
    """What the OFD lacks: since registration, at the start of this shift, and in it."""
    life, earlier, shift = Counters(), Counters(), Counters()
    for each in handled:
        life = _with(life, each)
        if each.shift_number == shift_number:
            shift = _with(shift, each)
        else:
            earlier = _with(earlier, each)
    start = {f"start.{key[4:]}": sum_ for key, sum_ in earlier.life.items() if key.startswith("sum.")}
    return Counters({**life.life, **start}, shift.shift)


def _with(counters: Counters, facts: HandledFacts) -> Counters:
    drawer = counters.drawer
    if facts.ticket is not None:
        counters = with_ticket(counters, facts.ticket, is_offline=True)
    elif facts.cash is not None:
        counters = with_cash(counters, facts.cash, is_offline=True)
    elif facts.withdrawn:
        counters = with_cash(counters, CashFacts(Placement.WITHDRAWAL, facts.withdrawn), is_offline=True)
    if facts.is_withdrawn:
        counters = Counters({**counters.life, DRAWER: drawer}, counters.shift)
    return counters
