"""Settings a company chose for itself: the last word after defaults, file and environment.

Only fields marked `field(default=…, metadata=COMPANY)` may be chosen by a company; the rest belong to the
installation. Every process keeps the choices in memory, so that reading a setting costs no query.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_type_hints

from tortoise.exceptions import DBConnectionError, OperationalError

from kernel.config_values import COMPANY as COMPANY
from kernel.config_values import parse_value, show_value
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.addons.registry import Registry
    from kernel.data.database import Database
    from kernel.data.work import Reader, Work

TOPIC = "company_setting"  # notices: a company chose something
REFRESH_S = 30  # a lost notice is made good after this

log = logging.getLogger(__name__)

Section = TypeVar("Section")


class CompanyChoices:
    """What companies chose, read once and again after every notice."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._texts: dict[str, dict[str, str]] = {}
        self._typed: dict[tuple[str, type], object] = {}

    def settings_of(self, section: type[Section], company_id: str | None) -> Section:
        """Values of a section for that company; the installation's when it chose nothing."""
        if company_id is None or company_id not in self._texts:
            return self._registry.settings_of(section)
        key = (company_id, section)
        if key not in self._typed:
            self._typed[key] = _chosen(self._registry.settings_of(section), self._texts[company_id])
        return cast(Section, self._typed[key])

    async def refresh(self, reader: Reader) -> None:
        """Read all choices of all companies again."""
        texts: dict[str, dict[str, str]] = {}
        for row in await reader.rows("SELECT company_id, name, value FROM kernel_company_setting"):
            texts.setdefault(row["company_id"], {})[row["name"]] = row["value"]
        self._texts, self._typed = texts, {}

    @asynccontextmanager
    async def followed(self, database: Database) -> AsyncIterator[None]:
        """While inside, the choices are those of the database, at the latest REFRESH_S seconds later."""
        from kernel.security.principal import SYSTEM

        async def read() -> None:
            async with database.reading(SYSTEM) as reader:
                await self.refresh(reader)

        async def follow() -> None:
            while not is_over:
                with suppress(TimeoutError):
                    async with asyncio.timeout(REFRESH_S):
                        await news.wait()
                news.clear()
                if not is_over:
                    try:
                        await read()
                    except (OperationalError, DBConnectionError) as error:
                        log.warning("choices of companies were not read: %s", error)

        is_over = False
        news = asyncio.Event()
        await read()
        untap = database.bus.tap(TOPIC, lambda _: news.set())
        follower = asyncio.create_task(follow())
        try:
            yield
        finally:
            untap()
            is_over = True  # ended by a flag: a query that is cancelled half way leaves a broken connection
            news.set()
            await follower


async def choose_setting(work: Work, section: type, name: str, text: str | None) -> None:
    """The principal's company chooses a value, or with None goes back to the installation's.

    Raises Refusal("SETTING_NOT_CHOOSABLE"), ("SETTING_MALFORMED").
    """
    full = f"{_section_name(section)}.{name}"
    kind = choosable(section).get(name)
    if kind is None:
        raise Refusal("SETTING_NOT_CHOOSABLE", name=full)
    await work.execute(
        "DELETE FROM kernel_company_setting WHERE company_id = ? AND name = ?", work.company_id, full
    )
    if text is not None:
        try:
            value = show_value(parse_value(kind, text))
        except ValueError as error:
            raise Refusal("SETTING_MALFORMED", field=name, name=full) from error
        row = {"id": new_id(), "company_id": work.company_id, "name": full, "value": value}
        await work.insert("kernel_company_setting", row)
    await work.audit("setting.choose", full)
    work.notice(TOPIC, work.company_id)


def choosable(section: type) -> dict[str, Any]:
    """Names and types of the fields a company may choose."""
    assert is_dataclass(section)
    kinds = get_type_hints(section)
    return {each.name: kinds[each.name] for each in fields(section) if each.metadata.get("company")}


def _chosen(base: Section, texts: dict[str, str]) -> Section:
    """base with the chosen values; a stored value that fits no more is left out."""
    section = type(base)
    changes: dict[str, object] = {}
    for name, kind in choosable(section).items():
        text = texts.get(f"{_section_name(section)}.{name}")
        if text is not None:
            with suppress(ValueError):
                changes[name] = parse_value(kind, text)
    return cast(Section, replace(cast(Any, base), **changes)) if changes else base


def _section_name(section: type) -> str:
    name: str = section.SECTION  # type: ignore[attr-defined]
    return name
