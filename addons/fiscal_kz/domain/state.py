"""Everything a register remembers between two decisions. A decision gives a new one.

Tuples, because each decision copies one: `_replace` costs a fifth of replacing a frozen dataclass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from addons.fiscal_kz.domain.counters import Counters
from addons.fiscal_kz.domain.facts import Numbers
from addons.fiscal_kz.domain.kinds import Block, Command, Link

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits of the protocol; settings may lower them for tests. All in milliseconds or counts.

    is_number_added_after_unknown: put the offline number into a repeat that may have arrived before. Off: a
    repeat differs from the first sending by service.offline_period alone (ofd_protocol §1.3), so both sides
    count it alike whatever had happened.
    """

    retry_pause_ms: int = 60_000
    offline_limit_ms: int = 72 * HOUR_MS
    shift_limit_ms: int = 24 * HOUR_MS
    clock_tolerance_ms: int = 60_000
    clock_refuse_ms: int = 600_000  # a clock that is wrong by more makes no documents
    server_blocks_max: int = 3  # code 15 for the same document after that many releases: a person must look
    is_number_added_after_unknown: bool = False


class Exchange(NamedTuple):
    """A request that left or may have left.

    It lives until a definite answer comes, across restarts and outages.

    may_have_arrived: at least one byte of some attempt was written. token and reqnum never change between
    attempts.
    """

    document_id: str
    command: Command
    token: int
    reqnum: int
    started_ms: int
    numbers: Numbers | None = None
    may_have_arrived: bool = False


class State(NamedTuple):
    """One register (KKM).

    Times are epoch ms. shift_opened_ms None: the shift is closed, shift_number is the last one.
    """

    is_active: bool = False
    version: int = 203
    token: int = 0
    reqnum: int = 0
    link: Link = Link.ONLINE
    offline_since_ms: int | None = None
    retry_at_ms: int = 0
    undelivered: int = 0  # offline documents the OFD has not acknowledged
    oldest_ms: int | None = None  # time of the oldest of them
    has_backlog: bool = False  # accepted documents still wait for their offline numbers
    block: Block = Block.NONE
    block_code: int = 0
    server_blocks: int = 0  # code 15 in a row for one queued document
    shift_number: int = 0
    shift_opened_ms: int | None = None
    is_shift_expired: bool = False  # the OFD said 11
    documents: int = 0  # since registration
    shift_documents: int = 0
    last_document_ms: int = 0
    last_offline_number: int = 0
    counters: Counters = Counters()
    clock_drift_ms: int = 0  # our clock ahead of others as measured last; 0: as far as anybody knows, right
    exchange: Exchange | None = None

    @property
    def is_autonomous(self) -> bool:
        """True when a new document becomes an offline document: no link, or something is still undelivered
        (CPCR §5.2).
        """
        return self.link is Link.OFFLINE or self.undelivered > 0

    @property
    def is_shift_open(self) -> bool:
        """True between the first document and the close."""
        return self.shift_opened_ms is not None
