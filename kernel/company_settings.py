"""Settings a company chose for itself: the last word after defaults, file and environment.

Only fields marked `field(default=…, metadata=COMPANY)` may be chosen by a company; the rest belong to the
installation.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast, get_type_hints

from kernel.config_values import parse_value, show_value
from kernel.data.work import Reader, Work
from kernel.errors import Refusal
from kernel.ids import new_id

COMPANY = {"company": True}  # metadata of a field that a company may choose

Section = TypeVar("Section")


async def settings_of_company(reader: Reader, section: type[Section]) -> Section:
    """Values of a section for the principal's company; a stored value that no longer fits is left out."""
    base = reader.settings(section)
    allowed = _choosable(section)
    rows = await reader.rows(
        "SELECT name, value FROM kernel_company_setting WHERE company_id = ?", reader.company_id
    )
    chosen: dict[str, object] = {}
    for row in rows:
        name = str(row["name"]).removeprefix(f"{_section_name(section)}.")
        if name in allowed and name != row["name"]:
            try:
                chosen[name] = parse_value(allowed[name], row["value"])
            except ValueError:
                continue
    return cast(Section, replace(cast(Any, base), **chosen)) if chosen else base


async def choose_setting(work: Work, section: type, name: str, text: str | None) -> None:
    """The principal's company chooses a value, or with None goes back to the installation's.

    Raises Refusal("SETTING_NOT_CHOOSABLE"), ("SETTING_MALFORMED").
    """
    allowed = _choosable(section)
    full = f"{_section_name(section)}.{name}"
    if name not in allowed:
        raise Refusal("SETTING_NOT_CHOOSABLE", name=full)
    await work.execute(
        "DELETE FROM kernel_company_setting WHERE company_id = ? AND name = ?", work.company_id, full
    )
    if text is not None:
        try:
            value = show_value(parse_value(allowed[name], text))
        except ValueError as error:
            raise Refusal("SETTING_MALFORMED", field=name, name=full) from error
        row = {"id": new_id(), "company_id": work.company_id, "name": full, "value": value}
        await work.insert("kernel_company_setting", row)
    await work.audit("setting.choose", full)


def _choosable(section: type) -> dict[str, Any]:
    assert is_dataclass(section)
    kinds = get_type_hints(section)
    return {each.name: kinds[each.name] for each in fields(section) if each.metadata.get("company")}


def _section_name(section: type) -> str:
    name: str = section.SECTION  # type: ignore[attr-defined]
    return name
