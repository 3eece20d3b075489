"""What the catalogue remembers of a source's rows, so that unchanged ones need not be read at all."""

from __future__ import annotations

from collections.abc import Sequence

from addons.catalog.domain.source import Aspect, SourceKey
from addons.catalog.services.tables import PRODUCT, select_in
from kernel.data.work import Reader


async def known_digests(
    reader: Reader, source: SourceKey, external_ids: Sequence[str], *, aspect: Aspect
) -> dict[str, str]:
    """Digest last stored for each of these rows; rows the catalogue does not have are absent."""
    column = "card_digest" if aspect is Aspect.CARD else "offer_digest"
    sql = (
        f"SELECT external_id, {column} AS digest FROM {PRODUCT}"
        " WHERE company_id = ? AND source = ? AND external_id IN ({marks})"
    )
    rows = await select_in(reader, sql, external_ids, before=[reader.company_id, source])
    return {row["external_id"]: row["digest"] for row in rows}
