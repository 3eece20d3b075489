"""What this process has just committed about the tickets that somebody in it waits for.

Who waits need not read again what was written here a moment ago. Nothing is heard of what other processes
commit: then the waiting one reads.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from addons.trade.domain.commands import SaleId
from addons.trade.ports import SaleFiscalFacts

if TYPE_CHECKING:
    from kernel.data.work import Work

_ears: dict[SaleId, Ear] = {}  # one for each request that sells now


class Ear:
    """`with Ear(sale_id) as ear: ...`, entered before the ticket is stored; heard: the latest facts committed
    by this process meanwhile, None for nothing.
    """

    __slots__ = ("_sale_id", "heard")

    def __init__(self, sale_id: SaleId) -> None:
        self._sale_id = sale_id
        self.heard: SaleFiscalFacts | None = None

    def __enter__(self) -> Ear:
        _ears[self._sale_id] = self
        return self

    def __exit__(self, *_: object) -> None:
        del _ears[self._sale_id]


def tell(work: Work, facts: SaleFiscalFacts) -> None:
    """Let the facts be heard as soon as the Work that writes them is committed."""
    ear = _ears.get(facts.sale_id)
    if ear is not None:
        work.after_commit(partial(setattr, ear, "heard", facts))
