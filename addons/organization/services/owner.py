"""The first user of a new company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from addons.organization.domain.cards import *  # noqa: F403
from addons.organization.domain.commands import *  # noqa: F403

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work


async def create_owner(work: Work, command: CreateOwner) -> tuple[CompanyId, UserId]:
    raise NotImplementedError
