"""Streaming reader of CommerceML 2.x: goods and offers in batches, at most two batches of elements in memory.

Elements are matched by local name whatever the namespace; what a file is comes from its content. A row's
digest is
taken from its XML, so rows that did not change are never looked into (`records` is called for the others
only).
Decisions about odd values do not belong here. All methods of one file run in one thread at a time: lxml
shares a
dictionary of names between the parser and its elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from lxml import etree

from addons.catalog.api import EXTERNAL_ID_LENGTH_MAX
from addons.catalog_1c.adapters.elements import (
    LocalNames,
    child_text,
    group_records,
    price_type,
    property_record,
    warehouses,
)
from addons.catalog_1c.adapters.first_look import look
from addons.catalog_1c.adapters.goods_element import GoodsElementReader
from addons.catalog_1c.domain.records import (
    VARIANT_MARK,
    Batch,
    Completeness,
    FileCard,
    GoodsRecord,
    Preamble,
)
from addons.catalog_1c.domain.texts import parse_flag
from kernel.errors import Refusal

_GOODS = "Товар"
_OFFER = "Предложение"
_WATCHED = (_GOODS, _OFFER, "Классификатор", "Свойство", "ТипЦены", "Склады", "Документ")
_PACKAGES = ("ПакетПредложений", "ИзмененияПакетаПредложений")
DIGEST_BYTES = 12


class CommerceMlFile:
    """One file being read. known_properties: property names and value texts that earlier files told, by
    property id."""

    def __init__(
        self,
        card: FileCard,
        *,
        salt: bytes,
        names: frozenset[str],
        known_properties: Mapping[str, tuple[str, Mapping[str, str]]],
    ) -> None:
        self.card = card
        self._salt = salt
        self._local = LocalNames()
        self._goods = GoodsElementReader(self._local, names, known_properties)
        self._file = open(card.path, "rb")  # noqa: SIM115 - closed by close()
        self._events: Iterator[tuple[str, etree._Element]] = iter(
            etree.iterparse(
                self._file,
                events=("end",),
                tag=[f"{{*}}{name}" for name in _WATCHED],
                encoding=card.encoding,
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            )
        )
        self._elements: list[etree._Element] = []
        self._batch: Batch | None = None
        self._ahead: tuple[etree._Element, bool] | None = None
        self._container: etree._Element | None = None
        self._container_kind: bool | None = None
        self._completeness = Completeness.UNKNOWN
        self._preamble = Preamble()
        self._previous: etree._Element | None = None

    def next_batch(self, limit: int) -> Batch | None:
        """The next rows of one kind, at most `limit`; None at the end of the file. Elements of the batch
        before are let go.

        A last batch may be empty of rows and bring only its preamble.
        """
        self._elements = []
        self._batch = None
        batch: Batch | None = None
        try:
            for element, is_offer in self._rows():
                if batch is None:
                    batch = Batch(is_offers=is_offer, completeness=self._completeness)
                elif batch.is_offers is not is_offer or len(self._elements) >= limit:
                    self._ahead = (element, is_offer)
                    break
                self._add(batch, element)
        except (
            etree.XMLSyntaxError
        ) as error:  # cannot happen after the first look unless the file changed meanwhile
            line = error.lineno or 0
            raise Refusal("C1C_XML_BROKEN", file=self.card.path, line=line, column=0) from error
        if batch is None:
            if self._preamble.is_empty:
                return None
            batch = Batch(is_offers=False, completeness=Completeness.UNKNOWN)
        batch.preamble, self._preamble = self._preamble, Preamble()
        batch.bytes_read = self._file.tell()
        self._batch = batch
        return batch

    def records(self, wanted: Sequence[int]) -> list[GoodsRecord]:
        """The wanted rows of the batch last given, by their places."""
        batch = self._batch
        assert batch is not None
        return [
            self._goods.read(
                self._elements[place],
                external_id=batch.external_ids[place],
                digest=batch.digests[place],
                is_offer=batch.is_offers,
            )
            for place in wanted
        ]

    def close(self) -> None:
        """Let the file and the elements go."""
        self._elements = []
        self._file.close()

    def _add(self, batch: Batch, element: etree._Element) -> None:
        external_id = child_text(self._local, element, "Ид")
        if external_id and batch.is_offers and VARIANT_MARK not in external_id:
            variant = child_text(self._local, element, "ИдХарактеристики")
            external_id = f"{external_id}{VARIANT_MARK}{variant}" if variant else external_id
        if not external_id or len(external_id) > EXTERNAL_ID_LENGTH_MAX:
            batch.nameless += 1
            return
        self._elements.append(element)
        batch.external_ids.append(external_id)
        text = etree.tostring(element, encoding="utf-8", with_tail=False)
        batch.digests.append(blake2b(text, digest_size=DIGEST_BYTES, key=self._salt).hexdigest())

    def _rows(self) -> Iterator[tuple[etree._Element, bool]]:
        """Rows of goods and offers from where the last batch ended."""
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            yield ahead
        for _, element in self._events:
            name = self._local[element.tag]
            if name in (_GOODS, _OFFER):
                is_offer = self._kind_of(element)
                if is_offer is None:
                    element.clear()
                    continue
                self._let_go(element)
                yield element, is_offer
            else:
                self._read_other(name, element)

    def _let_go(self, element: etree._Element) -> None:
        """Take the row before this one out of the tree. The newest row stays: the parser may still touch its
        end."""
        previous, self._previous = self._previous, element
        if previous is not None:
            parent = previous.getparent()
            if parent is not None:
                parent.remove(previous)

    def _kind_of(self, element: etree._Element) -> bool | None:
        """False for a good of the catalogue, True for an offer, None for lines of documents and the like."""
        container = element.getparent()
        if container is not self._container:
            self._container = container
            self._container_kind = self._look_at_container(container)
        return self._container_kind

    def _look_at_container(self, container: etree._Element | None) -> bool | None:
        outer = None if container is None else container.getparent()
        if container is None or outer is None:
            return None
        holder = self._local[outer.tag]
        match self._local[container.tag]:
            case "Товары" if holder == "Каталог":
                self._completeness = completeness(outer)
                return False
            case "Предложения" if holder in _PACKAGES:
                self._completeness = completeness(outer)
                return True
            case "ИзмененияПакетаПредложений":
                self._completeness = Completeness.CHANGES
                return True
            case _:
                return None

    def _read_other(self, name: str, element: etree._Element) -> None:
        match name:
            case "Классификатор":
                self._preamble.groups = (*self._preamble.groups, *group_records(self._local, element))
            case "Свойство":
                record = property_record(self._local, element)
                if record is not None and self._goods.learn(record):
                    self._preamble.properties = (*self._preamble.properties, record)
            case "ТипЦены":
                found = price_type(self._local, element)
                if found is not None:
                    self._preamble.price_types = (*self._preamble.price_types, found)
            case "Склады":
                parent = element.getparent()
                holder = "" if parent is None else self._local[parent.tag]
                if holder not in (*_PACKAGES, "Классификатор"):
                    return  # of an offer or a document, which is read with it
                self._preamble.warehouses = (*self._preamble.warehouses, *warehouses(self._local, element))
            case _:
                pass
        element.clear(keep_tail=True)


def completeness(package: etree._Element) -> Completeness:
    """What СодержитТолькоИзменения of a catalogue or a package says; missing means unknown."""
    flag = parse_flag(package.get("СодержитТолькоИзменения", ""))
    if flag is None:
        return Completeness.UNKNOWN
    return Completeness.CHANGES if flag else Completeness.FULL


class CommerceMl:
    """CommerceML 2.x as a format of catalogue files."""

    def look(self, path: Path) -> FileCard:
        """See first_look.look."""
        return look(path)

    def open(
        self,
        card: FileCard,
        *,
        salt: bytes,
        names: frozenset[str],
        known_properties: Mapping[str, tuple[str, Mapping[str, str]]],
    ) -> CommerceMlFile:
        """Begin reading a file that passed the look."""
        return CommerceMlFile(card, salt=salt, names=names, known_properties=known_properties)
