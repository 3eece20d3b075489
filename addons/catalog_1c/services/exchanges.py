"""The exchange over HTTP as rows: sign-ins and the files they brought. Bytes and answers are the adapters'.

A file is one row from its first piece to its verdict; what is sent again under the same name after `init`, or
after it was looked into, is a new row. Nothing is deleted here, so a client that begins each file with a new
sign-in loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson

from addons.catalog.api import PICTURE_BYTES_MAX
from addons.catalog_1c.domain.choices import read_choices
from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.exchange import (
    BeginPiece,
    ExchangeCard,
    ExchangeId,
    FileId,
    OpenExchange,
    Piece,
)
from addons.catalog_1c.domain.file_names import last_part
from addons.catalog_1c.models import (
    Connection,
    Exchange,
    ExchangeFile,
    ExchangeKind,
    FileKind,
    FileState,
)
from addons.catalog_1c.services.awaited_pictures import is_awaited
from addons.catalog_1c.services.keep_pictures import TOO_LARGE
from addons.catalog_1c.settings import Catalog1cSettings
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Reader, Work

EXCHANGE_TOPIC = "catalog_1c.exchange"  # notices: something became of a file of it
FILE_JOB = "catalog_1c.file"
PICTURES_JOB = "catalog_1c.pictures"
COOKIE_MS = 6 * 3_600_000  # a sign-in nobody used for so long is over
WRITING_MS = 10 * 60_000  # a piece that has been arriving for so long arrives no more
FILES_MAX = 5_000  # of one sign-in; as many pictures beside them
PICTURES_PART = 2  # pictures fill one half of the room of a sign-in at most

_UNFINISHED = (FileState.QUEUED, FileState.RUNNING)
_GROWING = (FileState.RECEIVED, FileState.WRITING)
_BY_COOKIE = """
SELECT e.id, e.company_id, e.connection_id, e.kind, e.offer_id, e.is_open, e.seen_ms, c.choices
FROM c1c_exchange e JOIN c1c_connection c ON c.id = e.connection_id WHERE e.cookie_digest = ?"""


def lane_of(connection_id: str) -> str:
    """The lane on which files of a connection are imported, one after another."""
    return f"c1c:{connection_id}"


def pictures_lane_of(connection_id: str) -> str:
    """The lane on which pictures that came after their goods are kept."""
    return f"c1c-pictures:{connection_id}"


async def exchanges_of_cookie(reader: Reader, cookie_digest: str) -> list[ExchangeCard]:
    """Sign-ins of that cookie that are still good: at most one of each kind."""
    oldest_ms = reader.now_ms - COOKIE_MS
    return [
        ExchangeCard(
            id=ExchangeId(row["id"]),
            company_id=row["company_id"],
            connection_id=ConnectionId(row["connection_id"]),
            kind=row["kind"],
            offer_id=row["offer_id"],
            language=(choices := read_choices(row["choices"])).language,
            takes_pictures=choices.takes_pictures,
        )
        for row in await reader.rows(_BY_COOKIE, cookie_digest)
        if row["is_open"] and row["seen_ms"] >= oldest_ms
    ]


async def open_exchange(work: Work, command: OpenExchange) -> ExchangeCard:
    """Begin an exchange in place of the one before it.

    Raises Refusal("C1C_EXCHANGE_BUSY") while another one of the same 1C base and kind is sending or being
    imported.
    """
    connection = await _locked(work, command.connection_id)
    kind = ExchangeKind(command.kind)
    takes_pictures = read_choices(connection.choices).takes_pictures
    before = await Exchange.filter(connection_id=connection.id, kind=kind, is_open=True)
    await _check_idle(work, before, command.busy_ms)
    for each in before:
        each.is_open = False
        await each.save(force_update=True, update_fields=["is_open"])
        if kind is ExchangeKind.CATALOG and takes_pictures:
            await _unpack_unasked(work, each)
    exchange = Exchange(
        id=new_id(),
        company_id=work.company_id,
        connection_id=connection.id,
        kind=kind,
        cookie_digest=command.cookie_digest,
        address=command.address,
        client=command.client,
        started_at=work.now,
        seen_ms=work.now_ms,
    )
    await exchange.save(force_create=True)
    return ExchangeCard(
        id=ExchangeId(exchange.id),
        company_id=work.company_id,
        connection_id=command.connection_id,
        kind=kind,
        offer_id=None,
        language=(choices := read_choices(connection.choices)).language,
        takes_pictures=choices.takes_pictures,
    )


async def _unpack_unasked(work: Work, exchange: Exchange) -> None:
    """Archives nobody asked to import, as when a portion holds pictures only: clients ask for XML by name."""
    archives = ExchangeFile.filter(
        exchange_id=exchange.id, archive_id=None, kind=FileKind.ARCHIVE, state=FileState.RECEIVED
    )
    for each in await archives.order_by("id"):
        await enqueue(work, each)


async def latest_exchange(work: Work, command: OpenExchange) -> ExchangeCard:
    """The exchange of a client that sends no cookie: the newest of its kind, else a new one."""
    connection = await _locked(work, command.connection_id)
    found = (
        await Exchange.filter(connection_id=connection.id, kind=ExchangeKind(command.kind), is_open=True)
        .order_by("-id")
        .first()
    )
    if found is None or found.seen_ms < work.now_ms - COOKIE_MS:
        return await open_exchange(work, command)
    return ExchangeCard(
        id=ExchangeId(found.id),
        company_id=work.company_id,
        connection_id=command.connection_id,
        kind=found.kind,
        offer_id=found.offer_id,
        language=(choices := read_choices(connection.choices)).language,
        takes_pictures=choices.takes_pictures,
    )


async def begin_anew(work: Work, exchange_id: ExchangeId) -> None:
    """`init`: the next piece of any name begins a new file. What was received stays."""
    exchange = await _own(work, exchange_id)
    exchange.generation += 1
    await _seen(work, exchange, "generation")


async def begin_piece(work: Work, command: BeginPiece) -> Piece:
    """The place where a piece goes: behind the pieces of the same name, or at the start of a new file.

    Raises Refusals C1C_UPLOAD_BUSY while another piece of it is arriving, C1C_QUOTA, C1C_FILES_TOO_MANY;
    C1C_UPLOAD_TOO_LARGE for a further piece of a picture that was too large already.
    """
    exchange = await _own(work, command.exchange_id)
    await _seen(work, exchange)
    row = await work.row(
        "SELECT COALESCE(SUM(CASE WHEN is_picture = ? THEN 1 ELSE 0 END), 0) AS n,"
        " COALESCE(SUM(bytes), 0) AS total FROM c1c_file WHERE company_id = ? AND exchange_id = ?",
        int(command.is_picture),
        work.company_id,
        exchange.id,
    )
    assert row is not None
    bytes_max = command.bytes_max // PICTURES_PART if command.is_picture else command.bytes_max
    left = bytes_max - int(row["total"])
    if left <= 0:
        raise Refusal("C1C_QUOTA", max=bytes_max // 1024**2)
    files = ExchangeFile.filter(exchange_id=exchange.id, name=command.name, archive_id=None)
    file = await files.order_by("-id").first()
    if file is not None and file.state is FileState.WRITING:
        if file.received_ms > work.now_ms - WRITING_MS:
            raise Refusal("C1C_UPLOAD_BUSY", file=command.name[:80])
        file.state = FileState.CUT
        await file.save(force_update=True)
    if (
        command.is_picture
        and file is not None
        and file.refusal_code == TOO_LARGE
        and file.generation == exchange.generation
    ):
        raise Refusal(TOO_LARGE, max=PICTURE_BYTES_MAX // 1024**2)
    if file is None or file.state is not FileState.RECEIVED or file.generation != exchange.generation:
        if row["n"] >= FILES_MAX:
            raise Refusal("C1C_FILES_TOO_MANY", max=FILES_MAX)
        file = _new_file(work, exchange, command.name)
        file.is_picture = command.is_picture
        await file.save(force_create=True)
    else:
        file.state, file.received_ms = FileState.WRITING, work.now_ms
        await file.save(force_update=True)
    length_max = file.bytes + left
    return Piece(
        FileId(file.id), file.bytes, min(length_max, PICTURE_BYTES_MAX) if command.is_picture else length_max
    )


async def end_piece(work: Work, file_id: FileId, length: int, kind: FileKind) -> None:
    """The piece is on disk. A picture that goods wait for is looked at once no further piece has come."""
    file = await ExchangeFile.get(id=file_id)
    if file.is_picture:
        kind = FileKind.OTHER
        if await is_awaited(work, file.connection_id, [file.name]):
            quiet_ms = work.settings(Catalog1cSettings).picture_quiet_ms // timedelta(milliseconds=1)
            lane = await work.lane(pictures_lane_of(file.connection_id), company_id=work.company_id)
            body = {"connection": file.connection_id, "name": file.name}
            lane.enqueue(PICTURES_JOB, body, due_ms=work.now_ms + quiet_ms)
    file.bytes, file.kind, file.received_ms = length, kind, work.now_ms
    file.state = FileState.RECEIVED
    await file.save(force_update=True)


async def cut_piece(work: Work, file_id: FileId, refusal: Refusal) -> None:
    """The piece did not come whole: the file is of no use, and says why."""
    file = await ExchangeFile.get(id=file_id)
    file.state, file.finished_at = FileState.CUT, work.now
    note_refusal(file, refusal)
    await file.save(force_update=True)


async def count_picture(work: Work, exchange_id: ExchangeId) -> None:
    """A picture or another file beside the goods came and was let go."""
    exchange = await _own(work, exchange_id)
    exchange.pictures += 1
    await _seen(work, exchange, "pictures")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a file that was asked to be imported; refusal only with REFUSED and CUT."""

    state: FileState
    refusal: Refusal | None = None

    @property
    def is_over(self) -> bool:
        """True when asking again brings nothing new."""
        return self.state in (FileState.DONE, FileState.REFUSED, FileState.CUT)


async def ask_import(work: Work, card: ExchangeCard, name: str) -> Verdict:
    """Import that file, once; what is known of it now.

    A name that is nowhere yet may stand in an archive: archives are unpacked first. Raises
    Refusal("C1C_FILE_NOT_SENT") when it is in none.
    """
    await work.lane(lane_of(card.connection_id), company_id=work.company_id)  # lanes are locked first
    exchange = await _own(work, card.id)
    await _seen(work, exchange)
    own = ExchangeFile.filter(exchange_id=exchange.id, is_picture=False)
    files = await own.order_by("-received_ms", "-id")
    file = _find(files, name)
    if file is not None and file.kind is not FileKind.ARCHIVE:
        return await _advance(work, file)
    archives = [each for each in files if each.kind is FileKind.ARCHIVE and each.state is not FileState.DONE]
    if not archives:
        if file is not None:
            return await _of_archive(work, file, files)
        raise Refusal("C1C_FILE_NOT_SENT", file=name[:80])
    for archive in archives:
        verdict = await _advance(work, archive)
        if verdict.refusal is not None:
            return verdict
    return Verdict(FileState.QUEUED)


async def note_offer(
    work: Work, exchange_id: ExchangeId, offer_id: str | None, *, documents: int = 0, left_out: int = 0
) -> None:
    """Remember what sales this sign-in was given; None once it took them."""
    exchange = await _own(work, exchange_id)
    exchange.offer_id = offer_id
    exchange.documents += documents
    exchange.left_out += left_out
    await _seen(work, exchange, "offer_id", "documents", "left_out")


async def end_exchange(work: Work, exchange_id: ExchangeId) -> None:
    """`complete` or `deactivate`: the client says that it is done."""
    await _seen(work, await _own(work, exchange_id))


async def enqueue(work: Work, file: ExchangeFile) -> None:
    """Put a file at the end of its connection's lane."""
    file.state, file.refusal_code, file.refusal_facts = FileState.QUEUED, "", "{}"
    await file.save(force_update=True)
    lane = await work.lane(lane_of(file.connection_id), company_id=work.company_id)
    lane.enqueue(FILE_JOB, {"file": file.id})


def verdict_of(file: ExchangeFile) -> Verdict:
    """What is known of a file."""
    if file.state in (FileState.REFUSED, FileState.CUT):
        facts = orjson.loads(file.refusal_facts)
        return Verdict(file.state, Refusal(file.refusal_code or "C1C_UPLOAD_CUT", **facts))
    return Verdict(file.state)


async def _advance(work: Work, file: ExchangeFile) -> Verdict:
    if file.state is FileState.WRITING:
        raise Refusal("C1C_UPLOAD_BUSY", file=file.name[:80])
    if file.state is FileState.RECEIVED:
        if file.kind is FileKind.OTHER and not file.name.lower().endswith(".xml"):
            file.state, file.finished_at = FileState.DONE, work.now
            await file.save(force_update=True)
        else:
            await enqueue(work, file)
    return verdict_of(file)


async def _of_archive(work: Work, archive: ExchangeFile, files: Sequence[ExchangeFile]) -> Verdict:
    """Import of an archive by its own name: of every file in it."""
    inside = [each for each in files if each.archive_id == archive.id]
    verdicts = [await _advance(work, each) for each in reversed(inside)]
    for verdict in verdicts:
        if verdict.refusal is not None:
            return verdict
    is_over = all(verdict.is_over for verdict in verdicts)
    return verdict_of(archive) if is_over else Verdict(FileState.RUNNING)


def _find(files: Sequence[ExchangeFile], name: str) -> ExchangeFile | None:
    """The newest file of that name, else the newest with that last part."""
    exact = next((each for each in files if each.name == name), None)
    if exact is not None:
        return exact
    last = last_part(name)
    return next((each for each in files if last_part(each.name) == last), None)


async def _check_idle(work: Work, exchanges: Sequence[Exchange], busy_ms: int) -> None:
    for each in exchanges:
        files = ExchangeFile.filter(exchange_id=each.id, archive_id=None)
        if await ExchangeFile.filter(exchange_id=each.id, state__in=_UNFINISHED).exists():
            raise Refusal("C1C_EXCHANGE_BUSY")
        is_fresh = files.filter(received_ms__gt=work.now_ms - busy_ms, state__in=_GROWING)
        if await is_fresh.exclude(kind=FileKind.OTHER).exists():
            raise Refusal("C1C_EXCHANGE_BUSY")


async def _locked(work: Work, connection_id: ConnectionId) -> Connection:
    connections = Connection.filter(id=connection_id)
    if work.dialect == "mysql":
        connections = connections.select_for_update()
    return await connections.get()


async def _own(work: Work, exchange_id: ExchangeId) -> Exchange:
    exchanges = Exchange.filter(id=exchange_id)
    if work.dialect == "mysql":
        exchanges = exchanges.select_for_update()
    found = await exchanges.get_or_none()
    if found is None or not found.is_open:
        raise Refusal("C1C_EXCHANGE_OVER")
    return found


async def _seen(work: Work, exchange: Exchange, *changed: str) -> None:
    exchange.seen_ms = work.now_ms
    await exchange.save(force_update=True, update_fields=["seen_ms", *changed])


def _new_file(work: Work, exchange: Exchange, name: str) -> ExchangeFile:
    return ExchangeFile(
        id=new_id(),
        company_id=work.company_id,
        exchange_id=exchange.id,
        connection_id=exchange.connection_id,
        name=name,
        generation=exchange.generation,
        kind=FileKind.OTHER,
        state=FileState.WRITING,
        refusal_facts="{}",
        received_ms=work.now_ms,
    )


def note_refusal(file: ExchangeFile, refusal: Refusal) -> None:
    """Keep why a file was not taken."""
    file.refusal_code = refusal.code
    file.refusal_facts = orjson.dumps(refusal.facts).decode()
