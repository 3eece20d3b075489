"""1C bases of a company: made, and given their choices anew as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from addons.catalog_1c.domain.choices import (
    CHOICES_MAX,
    ConnectionChoices,
    choices_text,
    folded,
    read_choices,
)
from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.encoding import names_text
from addons.catalog_1c.domain.options import DEFAULT_NAMES, Wanted
from addons.catalog_1c.models import TITLE_LENGTH_MAX, Connection
from addons.catalog_1c.services.sales_out import forget_acknowledgements
from addons.catalog_1c.services.sessions import check_title, new_connection
from addons.organization.api import outlet_card
from kernel.errors import Refusal
from kernel.i18n import LANGUAGES
from kernel.money import BASIS_POINTS

if TYPE_CHECKING:
    from kernel.data.work import Work

CONNECTIONS_MAX = 50  # of one company
NAMES_MAX = 20  # under which one fact may come
KEY_LENGTH_MAX = 160


@dataclass(frozen=True, slots=True)
class SaveConnection:
    """A 1C base with every choice; connection_id None makes a new one. field_names: only those that differ
    from the usual ones. keeps_sales_since: from when sales go stays as it is, whatever the choices say.
    """

    title: str
    connection_id: ConnectionId | None = None
    price_type: str = ""
    default_vat: str = ""
    field_names: Mapping[Wanted, tuple[str, ...]] = field(default_factory=dict)
    choices: ConnectionChoices = field(default_factory=ConnectionChoices)
    keeps_sales_since: bool = False


async def save_connection(work: Work, command: SaveConnection) -> ConnectionId:
    """Store the choices; the next import looks at every row anew where they matter.

    Raises Refusals C1C_CONNECTION_TITLE_WRONG, C1C_CONNECTION_EXISTS, C1C_CONNECTIONS_TOO_MANY,
    C1C_CONNECTION_UNKNOWN, C1C_CHOICE_WRONG, C1C_CHOICES_TOO_MANY, OUTLET_UNKNOWN.
    """
    title = check_title(command.title)
    choices = await _checked(work, command.choices)
    names = _checked_names(command.field_names)
    if command.connection_id is None:
        if await Connection.all().count() >= CONNECTIONS_MAX:
            raise Refusal("C1C_CONNECTIONS_TOO_MANY", max=CONNECTIONS_MAX)
        if await Connection.filter(title=title).exists():
            raise Refusal("C1C_CONNECTION_EXISTS", field="title", title=title)
        connection = await new_connection(work, title)
    else:
        found = await Connection.get_or_none(id=command.connection_id)
        if found is None:
            raise Refusal("C1C_CONNECTION_UNKNOWN", field="id")
        connection = found
    if command.keeps_sales_since:
        choices = replace(choices, sales_since_ms=read_choices(connection.choices).sales_since_ms)
    connection.title = title
    connection.price_type = command.price_type.strip()[:TITLE_LENGTH_MAX]
    connection.default_vat = command.default_vat.strip()[:20]
    connection.field_names = names_text({**DEFAULT_NAMES, **names})
    connection.choices = choices_text(choices)
    try:
        await connection.save(force_update=True)
    except IntegrityError:
        raise Refusal("C1C_CONNECTION_EXISTS", field="title", title=title) from None
    await work.audit("catalog_1c.connection_saved", connection.id, {"title": title})
    return ConnectionId(connection.id)


@dataclass(frozen=True, slots=True)
class TellSalesAgain:
    """Offer the sales closed since then once more, as after a 1C base was restored from a copy."""

    connection_id: ConnectionId
    since_ms: int


async def tell_sales_again(work: Work, command: TellSalesAgain) -> ConnectionId:
    """Every channel of the base forgets what was acknowledged. Raises Refusal("C1C_CONNECTION_UNKNOWN")."""
    connection = await Connection.get_or_none(id=command.connection_id)
    if connection is None:
        raise Refusal("C1C_CONNECTION_UNKNOWN", field="connectionId")
    choices = replace(read_choices(connection.choices), sales_since_ms=command.since_ms)
    connection.choices = choices_text(choices)
    await connection.save(force_update=True)
    await forget_acknowledgements(work, command.connection_id, command.since_ms)
    return command.connection_id


async def _checked(work: Work, choices: ConnectionChoices) -> ConnectionChoices:
    """The choices with folded keys."""
    for name in ("vat_texts", "warehouses", "price_types", "outlet_ids"):
        if len(getattr(choices, name)) > CHOICES_MAX:
            raise Refusal("C1C_CHOICES_TOO_MANY", field=name, max=CHOICES_MAX)
    for outlet_id in {*choices.warehouses.values(), *choices.outlet_ids}:
        await outlet_card(work, outlet_id)
    if choices.language not in LANGUAGES:
        raise Refusal("C1C_CHOICE_WRONG", field="language", value=choices.language[:20])
    for text, rate in choices.vat_texts.items():
        if rate is not None and not 0 <= rate < BASIS_POINTS:
            raise Refusal("C1C_CHOICE_WRONG", field="vatTexts", value=f"{text[:40]}: {rate}")
    for key, name in (*choices.warehouses.items(), *choices.price_types.items()):
        if not 0 < len(key.strip()) <= KEY_LENGTH_MAX or not 0 < len(name.strip()) <= KEY_LENGTH_MAX:
            raise Refusal("C1C_CHOICE_WRONG", field="choices", value=key[:40])
    return replace(
        choices,
        vat_texts={folded(text): rate for text, rate in choices.vat_texts.items()},
        warehouses={key.strip(): outlet_id for key, outlet_id in choices.warehouses.items()},
        price_types={key.strip(): name.strip() for key, name in choices.price_types.items()},
    )


def _checked_names(names: Mapping[Wanted, tuple[str, ...]]) -> dict[Wanted, tuple[str, ...]]:
    found = {}
    for wanted, given in names.items():
        cleaned = tuple(dict.fromkeys(" ".join(each.split()).lower() for each in given if each.strip()))
        if len(cleaned) > NAMES_MAX or any(len(each) > KEY_LENGTH_MAX for each in cleaned):
            raise Refusal("C1C_CHOICES_TOO_MANY", field="fieldNames", max=NAMES_MAX)
        found[wanted] = cleaned
    return found
