"""A person takes a refused document out of the queue, so that those behind it can be delivered.

An offline document was counted when it was issued: its receipt is in the buyer's hands, its money in the
drawer, its number in the chain and its sums in every Z since. It stays a fact of ours (docs/adr/0019); what
the OFD lacks is told by the comparison of counters.
"""

from __future__ import annotations

from addons.fiscal_kz.domain.codes import refusal_of
from addons.fiscal_kz.domain.effects import BlockChanged, Effect, Refuse, Rejected, TakenOut
from addons.fiscal_kz.domain.engine_answer import shortened
from addons.fiscal_kz.domain.events import Handled
from addons.fiscal_kz.domain.kinds import Block, Link
from addons.fiscal_kz.domain.state import State


def handled(state: State, event: Handled) -> tuple[State, tuple[Effect, ...]]:
    """Only the head that the OFD refused, and only while that blocks the register.

    A document that has no number yet (its turn was cut off, its repeat refused) is rejected: it never was one
    of ours. An exchange that is still open ends here; had the OFD taken the document after all, the next one
    meets code 2 and the comparison of counters shows it.
    """
    document, exchange = event.document, state.exchange
    is_head = document.issued is not None or (exchange is not None and exchange.document_id == document.id)
    if state.block is not Block.REPLAY or not is_head:
        return state, (Refuse("KKM_NOTHING_REFUSED"),)
    code = state.block_code
    state = state._replace(block=Block.NONE, block_code=0, server_blocks=0, exchange=None)
    free = BlockChanged(Block.NONE)
    if document.issued is None:
        return state, (Rejected(refusal_of(code), code), free)
    state, news = shortened(state._replace(link=Link.ONLINE))
    return state, (TakenOut(refusal_of(code), code), free, *news)
