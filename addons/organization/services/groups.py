"""Register groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from addons.organization.domain.cards import *  # noqa: F403
from addons.organization.domain.commands import *  # noqa: F403

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work


async def create_register_group(work: Work, command: CreateRegisterGroup) -> RegisterGroupId:
    raise NotImplementedError


async def registers_of_groups(reader: Reader, group_ids: Sequence[str]) -> frozenset[str]:
    raise NotImplementedError
