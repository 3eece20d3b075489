"""Small CommerceML files built for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from addons.catalog_1c.adapters.commerceml import CommerceMlFile
from addons.catalog_1c.adapters.first_look import look
from addons.catalog_1c.domain.options import MappingOptions
from addons.catalog_1c.domain.records import Batch, GoodsRecord

NAMESPACE = ' xmlns="urn:1C.ru:commerceml_2"'


def document(
    *parts: str, version: str = "2.08", namespace: str = NAMESPACE, declaration: str | None = None
) -> str:
    """A whole document around the parts."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' if declaration is None else declaration
    attribute = f' ВерсияСхемы="{version}"' if version else ""
    return f"{head}<КоммерческаяИнформация{namespace}{attribute}>{''.join(parts)}</КоммерческаяИнформация>"


def classifier(groups: str = "", properties: str = "") -> str:
    """A classifier."""
    return (
        f"<Классификатор><Ид>k</Ид><Наименование>К</Наименование><Группы>{groups}</Группы>"
        f"<Свойства>{properties}</Свойства></Классификатор>"
    )


def group(external_id: str, name: str, inner: str = "") -> str:
    """A group with what stands in it."""
    nested = f"<Группы>{inner}</Группы>" if inner else ""
    return f"<Группа><Ид>{external_id}</Ид><Наименование>{name}</Наименование>{nested}</Группа>"


def goods(
    external_id: str = "g1",
    *,
    name: str | None = "Молоко",
    body: str = "",
    attributes: str = "",
) -> str:
    """One good; body holds further elements."""
    title = "" if name is None else f"<Наименование>{name}</Наименование>"
    return f"<Товар{attributes}><Ид>{external_id}</Ид>{title}{body}</Товар>"


def catalogue(*rows: str, changes: str | None = "false") -> str:
    """A catalogue of goods; changes None leaves СодержитТолькоИзменения out."""
    attribute = "" if changes is None else f' СодержитТолькоИзменения="{changes}"'
    return f"<Каталог{attribute}><Ид>k</Ид><Товары>{''.join(rows)}</Товары></Каталог>"


def price_type(external_id: str, name: str, currency: str = "KZT") -> str:
    """A declared price type."""
    head = f"<Ид>{external_id}</Ид><Наименование>{name}</Наименование>"
    return f"<ТипЦены>{head}<Валюта>{currency}</Валюта></ТипЦены>"


def price(amount: str, *, type_id: str = "retail", currency: str = "KZT", body: str = "") -> str:
    """One Цена."""
    return (
        f"<Цена><ИдТипаЦены>{type_id}</ИдТипаЦены><ЦенаЗаЕдиницу>{amount}</ЦенаЗаЕдиницу>"
        f"<Валюта>{currency}</Валюта>{body}</Цена>"
    )


def offer(external_id: str = "g1", *prices: str, body: str = "", name: str = "Молоко") -> str:
    """One offer."""
    return (
        f"<Предложение><Ид>{external_id}</Ид><Наименование>{name}</Наименование>{body}"
        f"<Цены>{''.join(prices)}</Цены></Предложение>"
    )


def offers(*rows: str, types: Sequence[str] = (), root: str = "ПакетПредложений") -> str:
    """A package of offers."""
    declared = f"<ТипыЦен>{''.join(types)}</ТипыЦен>" if types else ""
    return f"<{root}><Ид>k#</Ид>{declared}<Предложения>{''.join(rows)}</Предложения></{root}>"


def requisite(name: str, value: str) -> str:
    """One реквизит inside its list."""
    return (
        "<ЗначенияРеквизитов><ЗначениеРеквизита>"
        f"<Наименование>{name}</Наименование><Значение>{value}</Значение>"
        "</ЗначениеРеквизита></ЗначенияРеквизитов>"
    )


def vat(rate: str) -> str:
    """The list of taxes with НДС."""
    tax = f"<Наименование>НДС</Наименование><Ставка>{rate}</Ставка>"
    return f"<СтавкиНалогов><СтавкаНалога>{tax}</СтавкаНалога></СтавкиНалогов>"


def written(folder: Path, text: str, name: str = "import.xml", encoding: str = "utf-8-sig") -> Path:
    """The document on disk."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def opened(
    path: Path, *, salt: bytes = b"salt", known: dict[str, tuple[str, dict[str, str]]] | None = None
) -> CommerceMlFile:
    """The file opened after its first look."""
    return CommerceMlFile(
        look(path), salt=salt, names=MappingOptions().all_names(), known_properties=known or {}
    )


def read_batches(path: Path, limit: int = 1000) -> list[tuple[Batch, list[GoodsRecord]]]:
    """Every batch of the file with all its records."""
    file = opened(path)
    found = []
    try:
        while (batch := file.next_batch(limit)) is not None:
            found.append((batch, file.records(range(len(batch)))))
    finally:
        file.close()
    return found


def read_records(path: Path) -> list[GoodsRecord]:
    """Every record of the file."""
    return [record for _, records in read_batches(path) for record in records]
