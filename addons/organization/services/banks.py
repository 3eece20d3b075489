"""The directory of banks this installation believes: ours, or the operator's file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from addons.organization.domain.banks import BANKS, read_banks
from addons.organization.domain.settings import OrganizationSettings
from kernel.addons.registry import Registry
from kernel.errors import SetupFault


def known_banks(registry: Registry) -> Mapping[str, str]:
    """Titles of banks by BIC. Raises SetupFault for a file of `organization.banks_file` that is none."""
    path = registry.settings_of(OrganizationSettings).banks_file
    return _read(path) if path else BANKS


@lru_cache(maxsize=4)
def _read(path: str) -> Mapping[str, str]:
    try:
        return read_banks(Path(path).read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError) as error:
        raise SetupFault([f"organization.banks_file: {path}: {error}"]) from error
