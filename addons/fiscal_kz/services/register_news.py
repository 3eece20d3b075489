"""Notices about registers: to who follows one, and to who follows all of a company."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kernel.data.work import Work

REGISTER_TOPIC = "register_state"  # notices: id of the register whose state changed
REGISTERS_TOPIC = "fiscal_kz.registers"  # the same, with the id of its company


def tell_register(work: Work, register_id: str) -> None:
    """Say so once the Work is committed."""
    work.notice(REGISTER_TOPIC, register_id)
    work.notice(REGISTERS_TOPIC, work.company_id)
