"""Reads of the hot path: one register with everything a document needs to know about its place and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.cards import OperatorCard, RegisterCard

if TYPE_CHECKING:
    from kernel.data.work import Reader


async def register_card(reader: Reader, register_id: str) -> RegisterCard:
    """The register of the reader's company with its outlet and company. Raises Refusal("REGISTER_UNKNOWN")."""
    raise NotImplementedError


async def sale_desk(reader: Reader, register_id: str, operator_id: str) -> tuple[RegisterCard, OperatorCard]:
    """Register and operator of one document, in ONE statement."""
    raise NotImplementedError
