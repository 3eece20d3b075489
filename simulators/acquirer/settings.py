"""How the host behaves when nobody injects a fault."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from protocols.iso8583.crypto import combined


@dataclass(frozen=True, slots=True)
class Tariff:
    """The acquirer's commission. rates_ppm: by scheme, "*" for the others (12900 = 1.29 %); sums in tiyn.

    is_per_day: the commission of all operations of a day with one rate is rounded, not that of each.
    """

    rates_ppm: Mapping[str, int] = field(default_factory=lambda: {"*": 12_900})
    fee_min: int = 0
    fee_max: int | None = None
    is_per_day: bool = False
    is_returned: bool = True  # with a refund


@dataclass(frozen=True, slots=True)
class AcquirerSettings:
    """Ports of 0 are chosen by the system; http_port None serves no ledger.

    options: of the dialect, as a contract in Sauda has them (protocols.iso8583.dialect.dialect_of).
    second_reversal: "25", or "00" for hosts that give the first answer again. is_strict_about_cards: a card
    that cannot be opened is refused. cut_off_minute: of the local day, when the next banking day begins.
    """

    host: str = "127.0.0.1"
    port: int = 0
    http_port: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    zone: str = "Asia/Almaty"
    cut_off_minute: int = 22 * 60 + 30
    tariff: Tariff = field(default_factory=Tariff)
    has_partial_refund: bool = True
    second_reversal: str = "25"
    is_strict_about_cards: bool = False
    latency_ms: int = 0
    credit_days: int = 1
    connections_max: int = 20_000
    amount_max: int = 10_000_000_00


class TerminalData(NamedTuple):
    """What the acquirer knows of a terminal."""

    terminal_code: str
    merchant_code: str = "SAUDA0000000001"
    contract: str = "ДГ-1"
    company: str = "ТОО «Көрме»"
    outlet: str = "Магазин №1"
    address: str = "г. Алматы, пр. Абая, 1"


def test_components(terminal_code: str, size: int) -> list[bytes]:
    """The two components of a terminal's master key, for the two persons of a key ceremony. size: bytes."""
    return [
        hashlib.sha256(f"sauda test master key {part} {terminal_code}".encode()).digest()[:size]
        for part in (1, 2)
    ]


def test_master_key(terminal_code: str, size: int) -> bytes:
    """The terminal's master key (TMK)."""
    return combined(test_components(terminal_code, size))
