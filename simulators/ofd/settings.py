"""How a simulated OFD behaves when nobody injects a fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

FIRST_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - wall time of registers


@dataclass(frozen=True, slots=True)
class OfdSettings:
    """Ports of 0 are chosen by the system; http_port None serves no ledger view.

    `site` is the check site of QR links, empty = the simulator's own /check page, or a made-up host without
    one. `latency_ms` is added to every answer. `open_registration` gives an account to every unknown device
    id. `kept_documents` bounds memory per register; older documents leave the list, not the counters.
    """

    host: str = "127.0.0.1"
    port: int = 0
    http_port: int | None = None
    open_registration: bool = False
    latency_ms: int = 0
    site: str = ""
    title: str = "ОФД-симулятор"
    shift_hours_max: int = 24
    kept_documents: int = 1_000_000
    connections_max: int = 20_000


class RegisterData(NamedTuple):
    """What the OFD's cabinet knows of a register; answered to INFO."""

    kgd_number: str = ""
    serial_number: str = ""
    org_title: str = "ТОО «Көрме»"
    org_title_kz: str = "«Көрме» ЖШС"
    org_bin: str = "230140000109"
    org_oked: str = "47111"
    address: str = "г. Алматы, пр. Абая, 1"
    address_kz: str = "Алматы қ., Абай даңғ., 1"
    pos_title: str = "Магазин №1"
    latitude_e4: int = 432389
    longitude_e4: int = 768897
    tenant_id: int = 1
    taxation_type: int = 101
    vat_percents: tuple[int, ...] = (16000, 5000, 10000, 0)  # thousandths of a percent
