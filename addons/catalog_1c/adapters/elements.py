"""Small readers of CommerceML elements: names without namespace, classifier, price types. Goods live in
goods_element."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from addons.catalog_1c.domain.records import GroupRecord, PriceType, PropertyRecord, Warehouse
from addons.catalog_1c.domain.texts import clean, parse_flag
from kernel.errors import Refusal

GROUPS_MAX = 50_000
GROUP_DEPTH_MAX = 20
PROPERTY_VALUES_MAX = 100_000
WAREHOUSES_MAX = 1_000


class LocalNames(dict[str, str]):
    """Tag → its name without the namespace; each tag of a file is cut once."""

    def __missing__(self, tag: str) -> str:
        name = self[tag] = tag.rpartition("}")[2]
        return name


def child(names: LocalNames, element: etree._Element, name: str) -> etree._Element | None:
    """First child of that local name."""
    for candidate in element:
        if names[candidate.tag] == name:
            return candidate
    return None


def child_text(names: LocalNames, element: etree._Element, name: str) -> str | None:
    """Text of the first child of that name; None when missing, "" when empty."""
    found = child(names, element, name)
    return None if found is None else clean(found.text)


def group_records(names: LocalNames, classifier: etree._Element) -> Iterator[GroupRecord]:
    """Groups of a classifier, parents before children. Raises Refusal C1C_GROUPS_TOO_DEEP,
    C1C_GROUPS_TOO_MANY."""
    count = 0
    root = child(names, classifier, "Группы")
    stack: list[tuple[etree._Element, str, int]] = [(root, "", 1)] if root is not None else []
    while stack:
        node, parent_id, depth = stack.pop()
        if depth > GROUP_DEPTH_MAX:
            raise Refusal("C1C_GROUPS_TOO_DEEP", max=GROUP_DEPTH_MAX)
        for element in node:
            if names[element.tag] != "Группа":
                continue
            external_id = child_text(names, element, "Ид") or ""
            if not external_id:
                continue
            count += 1
            if count > GROUPS_MAX:
                raise Refusal("C1C_GROUPS_TOO_MANY", max=GROUPS_MAX)
            yield GroupRecord(
                external_id=external_id,
                name=child_text(names, element, "Наименование") or external_id,
                parent_id=parent_id,
                is_deleted=is_deleted(names, element),
            )
            nested = child(names, element, "Группы")
            if nested is not None:
                stack.append((nested, external_id, depth + 1))


def is_deleted(names: LocalNames, element: etree._Element) -> bool:
    """True only when the writer says so: Статус="Удален" or ПометкаУдаления = true (attribute or child)."""
    if element.get("Статус") == "Удален":
        return True
    mark = element.get("ПометкаУдаления") or child_text(names, element, "ПометкаУдаления")
    return mark is not None and parse_flag(mark) is True


def property_record(names: LocalNames, element: etree._Element) -> PropertyRecord | None:
    """A property of the classifier; None without identifier or name."""
    external_id = child_text(names, element, "Ид")
    name = child_text(names, element, "Наименование")
    if not external_id or not name:
        return None
    values: list[tuple[str, str]] = []
    variants = child(names, element, "ВариантыЗначений")
    for variant in variants if variants is not None else ():
        key = child_text(names, variant, "ИдЗначения")
        if key and len(values) < PROPERTY_VALUES_MAX:
            values.append((key, child_text(names, variant, "Значение") or ""))
    return PropertyRecord(external_id=external_id, name=name, values=tuple(values))


def warehouses(names: LocalNames, element: etree._Element) -> list[Warehouse]:
    """Declared warehouses: those with a name, at most WAREHOUSES_MAX."""
    found: list[Warehouse] = []
    for store in element:
        external_id, name = child_text(names, store, "Ид"), child_text(names, store, "Наименование")
        if external_id and name and len(found) < WAREHOUSES_MAX:
            found.append(Warehouse(external_id, name))
    return found


def price_type(names: LocalNames, element: etree._Element) -> PriceType | None:
    """A declared price type; None without identifier."""
    external_id = child_text(names, element, "Ид")
    if not external_id:
        return None
    return PriceType(
        external_id=external_id,
        name=child_text(names, element, "Наименование") or external_id,
        currency=child_text(names, element, "Валюта") or "",
    )
