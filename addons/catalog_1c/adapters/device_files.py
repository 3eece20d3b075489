"""Goods files of offline registers as formats of catalogue files. The formats are in domain/ and in
equipment_goods.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from addons.catalog_1c.adapters import equipment_goods
from addons.catalog_1c.domain import atol_goods, shtrih_goods
from addons.catalog_1c.domain.device_files import FILE_MIB_MAX, DeviceFormat, GoodsFile, ReadOptions
from addons.catalog_1c.domain.records import (
    Batch,
    Completeness,
    FileCard,
    GoodsRecord,
    Part,
    Preamble,
)
from kernel.errors import Refusal

DIGEST_BYTES = 12

_READERS: Mapping[DeviceFormat, Callable[..., GoodsFile]] = {
    DeviceFormat.FRONTOL: atol_goods.read_goods,
    DeviceFormat.SHTRIH: shtrih_goods.read_goods,
    DeviceFormat.EQUIPMENT: equipment_goods.read_goods,
}


class DeviceGoods:
    """One format of offline registers, for one import.

    named_by_full_load: identifiers of a file that says that there are no other goods, once it is read.
    """

    def __init__(self, format: DeviceFormat, options: ReadOptions | None = None) -> None:
        self._read = _READERS[format]
        self._options = options or ReadOptions()
        self._looked: dict[str, GoodsFile] = {}
        self.named_by_full_load: frozenset[str] | None = None

    def look(self, path: Path) -> FileCard:
        """Read the whole file, so that a broken one stores nothing.

        Raises Refusals C1C_FILE_UNREADABLE and those of the format.
        """
        try:
            with path.open("rb") as file:
                content = file.read(FILE_MIB_MAX * 1024**2 + 1)
        except OSError as error:
            raise Refusal("C1C_FILE_UNREADABLE", file=path.name) from error
        self._looked[str(path)] = self._read(content, file=path.name, options=self._options)
        return FileCard(str(path), len(content), parts=(Part.CATALOGUE,), schema_version="")

    def open(
        self,
        card: FileCard,
        *,
        salt: bytes,
        names: frozenset[str],
        known_properties: Mapping[str, tuple[str, Mapping[str, str]]],
    ) -> DeviceGoodsFile:
        """The file that was looked at."""
        file = self._looked.pop(card.path)
        if file.is_full:
            self.named_by_full_load = frozenset(record.external_id for record in file.goods)
        return DeviceGoodsFile(file, salt=salt, bytes_total=card.bytes)


class DeviceGoodsFile:
    """A goods file in batches: first the goods, then what stands on them (variants, packs)."""

    def __init__(self, file: GoodsFile, *, salt: bytes, bytes_total: int) -> None:
        self._salt = salt
        self._bytes_total = bytes_total
        self._completeness = Completeness.FULL if file.is_full else Completeness.CHANGES
        self._kinds = [
            [record for record in file.goods if record.is_offer is is_offer] for is_offer in (False, True)
        ]
        self._rows = sum(map(len, self._kinds))
        self._given = 0
        self._preamble: Preamble | None = Preamble(groups=file.groups)
        self._notes = file.notes
        self._batch: list[GoodsRecord] = []

    def next_batch(self, limit: int) -> Batch | None:
        """The next rows of one kind; the first batch brings groups and remarks even when it has no rows."""
        is_offers = not self._kinds[0]
        waiting = self._kinds[is_offers]
        if not waiting and self._preamble is None:
            return None
        taken, self._kinds[is_offers] = waiting[:limit], waiting[limit:]
        self._batch = [self._with_digest(record) for record in taken]
        self._given += len(taken)
        batch = Batch(
            is_offers=is_offers if taken else False,
            completeness=self._completeness,
            external_ids=[record.external_id for record in self._batch],
            digests=[record.digest for record in self._batch],
            preamble=self._preamble or Preamble(),
            bytes_read=self._bytes_total * self._given // max(1, self._rows),
            notes=self._notes,
            has_price_types=False,
        )
        self._preamble, self._notes = None, ()
        return batch

    def records(self, wanted: Sequence[int]) -> list[GoodsRecord]:
        """The wanted rows of the batch last given, by their places."""
        return [self._batch[place] for place in wanted]

    def close(self) -> None:
        """Let the rows go."""
        self._batch = []

    def _with_digest(self, record: GoodsRecord) -> GoodsRecord:
        text = repr(record).encode()
        return replace(record, digest=blake2b(text, digest_size=DIGEST_BYTES, key=self._salt).hexdigest())
