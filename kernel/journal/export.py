"""Journals as files that can be kept for years and checked without us.

    <folder>/journal_check.py                      the check; Python alone is enough
    <folder>/<lane>/2026-01.jsonl                  a line for each entry of the period
    <folder>/<lane>/2026-01.manifest.json          counts, digests, heads of the chain before and after
    <folder>/2026-01.index.json                    the manifests of all lanes, with their digests

A line holds "seq", "kind", "at_ms", "body" as it is stored (sealed), "digest"; an opened export adds "plain"
and "salt", which prove each other by the commitment inside of "body". The manifests of following periods
continue each other. What the files look like is repeated in journal_check.py, which knows nothing of this
module.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import orjson

from kernel.errors import Refusal
from kernel.journal import journal_check
from kernel.journal.canonical import JSON, canonical_json
from kernel.journal.chain import GENESIS, JournalEntry, digest_of
from kernel.journal.gaps import Cause
from kernel.journal.periods import Period, run_of
from kernel.journal.sealing import JournalSealer, is_sealed, key_of
from kernel.journal.verify import GAPS_MAX, Mark, entry_of, mark_at

if TYPE_CHECKING:
    from kernel.data.work import Reader

FORMAT = "sauda-journal-1"
CHECKER = "journal_check.py"
PAGE_ENTRIES = 500
LANES_MAX = 100_000  # of one company

_LANES = "SELECT lane_key FROM kernel_lane WHERE company_id = ? AND journal_seq > 0 ORDER BY lane_key LIMIT ?"
_GAPS = (
    "SELECT from_seq, to_seq, at_ms, actor_id, reason FROM kernel_journal_gap "
    "WHERE lane_key = ? AND cause = ? AND from_seq <= ? AND to_seq > ? ORDER BY from_seq LIMIT ?"
)
_ENTRIES = (
    "SELECT company_id, lane_key, seq, kind, at_ms, body, digest FROM kernel_journal "
    "WHERE lane_key = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class LaneExport:
    """What was written of one lane. broken: number of the first entry that is not what was written, if
    any.
    """

    lane_key: str
    entries: int
    manifest: Path
    sha256: str
    broken: int | None


@dataclass(slots=True)
class _Seen:
    """What went through while a file was written."""

    entries: int = 0
    head: str = GENESIS
    broken: int | None = None
    kinds: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)
    sha256: str = ""
    size: int = 0


async def lanes_of(reader: Reader, company_id: str) -> list[str]:
    """Lanes of a company that have a journal. Raises Refusal("JOURNAL_COMPANY_UNKNOWN") when it has none."""
    rows = await reader.rows(_LANES, company_id, LANES_MAX)
    if not rows:
        raise Refusal("JOURNAL_COMPANY_UNKNOWN", company=company_id)
    return [row["lane_key"] for row in rows]


async def export_lane(
    reader: Reader,
    lane_key: str,
    period: Period,
    folder: Path,
    *,
    company_id: str,
    opener: JournalSealer | None = None,
) -> LaneExport:
    """Write the period of one lane; files that are there already are replaced. opener: write the opened
    bodies too. Blocking writes: for a command, not for a server.

    Raises Refusal("JOURNAL_KEY_MISSING") when an entry cannot be opened, ("JOURNAL_EXPORT_SMALLER") when the
    files that are there hold entries that would be lost.
    """
    before, last = await run_of(reader, lane_key, period)
    # A head that is not there continues nothing, and the check says so.
    begin = await mark_at(reader, lane_key, before) or Mark(before, "")
    place = folder / folder_of(lane_key)
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{period.name}.manifest.json"
    _keep_more(path, before, last)
    lines = place / f"{period.name}.jsonl"
    draft = lines.with_suffix(".jsonl.new")
    with draft.open("wb") as file:
        seen = await _write(_run(reader, lane_key, before, last), file, begin, opener)
    if seen.broken is None and seen.entries != last - before:
        seen.broken = before + seen.entries + 1
    manifest: dict[str, JSON] = {
        "format": FORMAT,
        "company": company_id,
        "lane": lane_key,
        "period": period.name,
        "zone": period.zone,
        "from_ms": period.from_ms,
        "to_ms": period.to_ms,
        "is_complete": reader.now_ms >= period.to_ms,
        "is_opened": opener is not None,
        "made_ms": reader.now_ms,
        "seq_before": before,
        "seq_last": last,
        "head_before": begin.digest,
        "head_after": seen.head,
        "entries": seen.entries,
        "kinds": dict(seen.kinds),
        "keys": dict(seen.keys),
        "gaps": await _gaps(reader, lane_key, before, last),
        "file": lines.name,
        "bytes": seen.size,
        "sha256": seen.sha256,
    }
    draft.replace(lines)
    return LaneExport(lane_key, seen.entries, path, _put(path, manifest), seen.broken)


def finish_export(
    folder: Path, period: Period, exports: Sequence[LaneExport], *, company_id: str, made_ms: int
) -> str:
    """Write the index and the checker beside it; SHA-256 of the index, worth noting elsewhere."""
    index: dict[str, JSON] = {
        "format": FORMAT,
        "company": company_id,
        "period": period.name,
        "made_ms": made_ms,
        "lanes": [
            {
                "lane": each.lane_key,
                "manifest": each.manifest.relative_to(folder).as_posix(),
                "sha256": each.sha256,
            }
            for each in exports
        ],
    }
    shutil.copyfile(journal_check.__file__, folder / CHECKER)
    return _put(folder / f"{period.name}.index.json", index)


def folder_of(lane_key: str) -> str:
    """A name every file system takes."""
    return "".join(each if each.isalnum() or each in "-_" else "-" for each in lane_key)


async def _run(reader: Reader, lane_key: str, seq: int, last: int) -> AsyncIterator[JournalEntry]:
    while seq < last:
        rows = await reader.rows(_ENTRIES, lane_key, seq, last, PAGE_ENTRIES)
        if not rows:
            return
        for row in rows:
            yield entry_of(row)
        seq = rows[-1]["seq"]


async def _write(
    entries: AsyncIterator[JournalEntry], file: BinaryIO, begin: Mark, opener: JournalSealer | None
) -> _Seen:
    seq, head = begin
    seen, digest = _Seen(head=head), hashlib.sha256()
    async for entry in entries:
        seq += 1
        if seen.broken is None and not _follows(entry, seq, seen.head):
            seen.broken = seq
        line: dict[str, JSON] = {
            "seq": entry.seq,
            "kind": entry.kind,
            "at_ms": entry.at_ms,
            "body": entry.body,
            "digest": entry.digest,
        }
        if opener is not None and is_sealed(entry.body):
            opened = opener.open(entry)
            line |= {"plain": opened.body, "salt": opened.salt}
        data = canonical_json(line).encode() + b"\n"
        file.write(data)
        digest.update(data)
        seen.size, seen.entries, seen.head = seen.size + len(data), seen.entries + 1, entry.digest
        seen.kinds[entry.kind] += 1
        seen.keys[key_of(entry.body) or "none"] += 1
    seen.sha256 = digest.hexdigest()
    return seen


def _follows(entry: JournalEntry, seq: int, head: str) -> bool:
    return entry.seq == seq and entry.digest == digest_of(
        head,
        company_id=entry.company_id,
        lane_key=entry.lane_key,
        seq=seq,
        kind=entry.kind,
        at_ms=entry.at_ms,
        body=entry.body,
    )


def _keep_more(path: Path, before: int, last: int) -> None:
    """An archive never shrinks, whatever became of the database since."""
    if not path.exists():
        return
    known = orjson.loads(path.read_bytes())
    if known["entries"] and (known["seq_before"] < before or known["seq_last"] > last):
        first, end = known["seq_before"] + 1, known["seq_last"]
        raise Refusal("JOURNAL_EXPORT_SMALLER", file=path.name, first=first, last=end)


async def _gaps(reader: Reader, lane_key: str, before: int, last: int) -> list[JSON]:
    """Stretches of the period that a person released after an investigation."""
    rows = await reader.rows(_GAPS, lane_key, Cause.RELEASED.value, last, before, GAPS_MAX)
    return [dict(row) for row in rows]


def _put(path: Path, value: Mapping[str, JSON]) -> str:
    data = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    draft = path.with_name(f"{path.name}.new")
    draft.write_bytes(data)
    draft.replace(path)
    return hashlib.sha256(data).hexdigest()
