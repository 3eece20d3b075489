"""Whose rows may be seen: every query on a company's table is filtered by the company of the current
principal.

Conditions written in raw SQL must name company_id themselves; joins are not covered by the filter.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

from kernel.errors import Fault
from kernel.ids import CompanyId
from kernel.security.principal import current_principal

_crossing: ContextVar[str | None] = ContextVar("crossing_companies", default=None)
_log = structlog.get_logger(__name__)


class TenantLeak(Fault):
    """Code tried to touch a row of another company."""


@contextmanager
def all_companies(reason: str) -> Iterator[None]:
    """Lift the filter inside the block. The reason is written to the log with the acting subject."""
    principal = current_principal()
    _log.info("all_companies", reason=reason, subject=principal.subject_id, kind=principal.kind.value)
    token = _crossing.set(reason)
    try:
        yield
    finally:
        _crossing.reset(token)


def company_filter() -> CompanyId | None:
    """Company that rows must belong to; None only inside `all_companies`.

    Raises Refusal("COMPANY_REQUIRED") when the principal has no company.
    """
    if _crossing.get() is not None:
        return None
    return current_principal().require_company()


def company_of_change() -> CompanyId | None:
    """The only company whose rows the running code may change; None when they may be anybody's."""
    return None if _crossing.get() is not None else current_principal().company_id


def check_company(company_id: str) -> None:
    """Raises TenantLeak when a row of that company may not be written now."""
    allowed = company_filter()
    if allowed is not None and company_id != allowed:
        raise TenantLeak(f"row of company {company_id} touched by company {allowed}")
