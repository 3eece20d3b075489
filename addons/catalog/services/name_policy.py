"""The company's switch for the name policy."""

from __future__ import annotations

from addons.catalog.domain.name_policy import check_name
from addons.catalog.settings import CatalogSettings
from kernel.data.work import Work


def keep_name_policy(work: Work, name: str, *, field: str) -> None:
    """Refuses the name when the company keeps the policy. Refusals as of check_name."""
    if work.settings(CatalogSettings).is_name_policy_on:
        check_name(name, field=field)
