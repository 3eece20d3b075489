"""Begin, keep alive and end an import session; find or make its connection."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from tortoise.exceptions import IntegrityError

from addons.catalog_1c.domain.choices import read_choices
from addons.catalog_1c.domain.commands import (
    DEFAULT_CONNECTION,
    ConnectionId,
    OpenSession,
    Progress,
    SessionId,
)
from addons.catalog_1c.domain.encoding import (
    names_text,
    price_types_text,
    properties_text,
    read_names,
    read_price_types,
    read_properties,
    report_text,
    warehouses_text,
)
from addons.catalog_1c.domain.options import DEFAULT_NAMES, MappingOptions
from addons.catalog_1c.domain.records import PriceType, Warehouse
from addons.catalog_1c.domain.report import ImportReport
from addons.catalog_1c.models import TITLE_LENGTH_MAX, Connection, ImportSession, PendingOffer, SessionState
from addons.catalog_1c.services.ports import Properties
from kernel.clock import from_ms
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id

# A session not seen for so long has lost its process. It is renewed every SEEN_EVERY_S while it runs.
SILENCE_MAX_MS = 120_000
SEEN_EVERY_S = 2
SESSION_TOPIC = "catalog_1c.session"  # notices: an import began, got on or ended


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """What an import needs to know of its connection."""

    session_id: SessionId
    connection_id: ConnectionId
    options: MappingOptions
    price_types: tuple[PriceType, ...]
    properties: Properties
    waiting: int


@dataclass(frozen=True, slots=True)
class CloseSession:
    """The last step of an import; refusal: what stopped it."""

    session_id: SessionId
    report: ImportReport
    refusal: Refusal | None = None
    bytes_total: int = 0
    price_types: tuple[PriceType, ...] = ()
    warehouses: tuple[Warehouse, ...] = ()


async def open_session(work: Work, command: OpenSession) -> OpenedSession:
    """Begin an import, or go on with one whose process died.

    Raises Refusals C1C_IMPORT_RUNNING, C1C_CONNECTION_TITLE_WRONG, C1C_CONNECTION_UNKNOWN.
    """
    connection = await _connection(work, command)
    if not command.is_dry:
        if command.price_type is not None:
            connection.price_type = command.price_type.strip()[:TITLE_LENGTH_MAX]
        if command.default_vat is not None:
            connection.default_vat = command.default_vat.strip()[:20]
        await connection.save()
    session = await _resumed(work, command, connection)
    if session is None:
        await _check_alone(work, connection.id)
        session = ImportSession(
            id=command.session_id or new_id(),
            company_id=work.company_id,
            connection_id=connection.id,
            state=SessionState.RUNNING,
            files=orjson.dumps(command.files).decode(),
            report=report_text(ImportReport()),
            refusal_facts="{}",
            started_at=work.now,
            seen_at=work.now,
            is_dry=command.is_dry,
        )
        await session.save(force_create=True)
        facts = {"connection": connection.title, "files": command.files}
        await work.audit("catalog_1c.import_started", session.id, facts)
        work.notice(SESSION_TOPIC, session.id)
    choices = read_choices(connection.choices)
    return OpenedSession(
        session_id=SessionId(session.id),
        connection_id=ConnectionId(connection.id),
        options=MappingOptions(
            names=read_names(connection.field_names),
            price_type=_chosen(command.price_type, connection.price_type),
            default_vat=_chosen(command.default_vat, connection.default_vat),
            vat_texts=tuple(sorted(choices.vat_texts.items())),
            warehouses=tuple(sorted(choices.warehouses.items())),
            price_types=tuple(sorted(choices.price_types.items())),
            takes_pictures=choices.takes_pictures,
        ),
        price_types=read_price_types(connection.price_types),
        properties=read_properties(connection.properties),
        waiting=await PendingOffer.filter(connection_id=connection.id).count(),
    )


async def touch_session(work: Work, session_id: SessionId, progress: Progress) -> None:
    """Say that the import is alive, and how far it is."""
    await ImportSession.filter(id=session_id).update(
        seen_at=work.now,
        bytes_read=progress.bytes_read,
        bytes_total=progress.bytes_total,
        report=report_text(progress.report),
    )
    work.notice(SESSION_TOPIC, session_id)


async def close_session(work: Work, command: CloseSession) -> int:
    """End an import and keep its report; the number of offers that still wait for their goods."""
    session = await ImportSession.get(id=command.session_id)
    refusal = command.refusal
    session.state = SessionState.DONE if refusal is None else SessionState.REFUSED
    session.report = report_text(command.report)
    if refusal is not None:
        session.refusal_code = refusal.code
        session.refusal_facts = orjson.dumps(refusal.facts).decode()
    session.bytes_read = session.bytes_total = command.bytes_total
    session.seen_at = session.finished_at = work.now
    await session.save()
    await _keep_declared(command, session)
    work.notice(SESSION_TOPIC, session.id)
    return await PendingOffer.filter(connection_id=session.connection_id).count()


async def _keep_declared(command: CloseSession, session: ImportSession) -> None:
    """What can be chosen, also after an import was refused because nothing was."""
    declared = {}
    if command.price_types:
        declared["price_types"] = price_types_text(command.price_types)
    if command.warehouses:
        declared["warehouses"] = warehouses_text(command.warehouses)
    if declared and not session.is_dry:
        await Connection.filter(id=session.connection_id).update(**declared)


async def _connection(work: Work, command: OpenSession) -> Connection:
    if command.connection_id is not None:
        known = await Connection.get_or_none(id=command.connection_id)
        if known is None:
            raise Refusal("C1C_CONNECTION_UNKNOWN")
        return known
    title = command.connection
    if title is None:
        bases = await Connection.all().limit(2)
        if len(bases) == 1:  # in another base every good would stand a second time
            return bases[0]
        title = DEFAULT_CONNECTION
    title = check_title(title)
    return await Connection.get_or_none(title=title) or await new_connection(work, title)


async def _resumed(work: Work, command: OpenSession, connection: Connection) -> ImportSession | None:
    """The import of that id when it had begun already."""
    if command.session_id is None:
        return None
    session = await ImportSession.get_or_none(id=command.session_id, connection_id=connection.id)
    if session is not None:
        session.state, session.seen_at = SessionState.RUNNING, work.now
        session.finished_at = None  # type: ignore[assignment]
        session.refusal_code, session.refusal_facts = "", "{}"
        await session.save(force_update=True)
    return session


def _chosen(asked: str | None, remembered: str) -> str:
    return remembered if asked is None else asked.strip()


def check_title(text: str) -> str:
    """The name of a 1C base without odd blanks. Raises Refusal("C1C_CONNECTION_TITLE_WRONG")."""
    title = " ".join(text.split())
    if not 0 < len(title) <= TITLE_LENGTH_MAX:
        raise Refusal("C1C_CONNECTION_TITLE_WRONG", field="title", max=TITLE_LENGTH_MAX)
    return title


async def new_connection(work: Work, title: str) -> Connection:
    """A 1C base of that name with every choice at its default. Raises Refusal("C1C_IMPORT_RUNNING")."""
    connection = Connection(
        id=new_id(),
        company_id=work.company_id,
        title=title,
        field_names=names_text(DEFAULT_NAMES),
        price_types=price_types_text(()),
        properties=properties_text({}),
        created_at=work.now,
    )
    try:
        await connection.save(force_create=True)
    except IntegrityError:  # another import is making the same one at this moment
        raise Refusal("C1C_IMPORT_RUNNING") from None
    return connection


async def _check_alone(work: Work, connection_id: str) -> None:
    """Two imports of one base at once would half-mix; one whose process died is put aside."""
    running = ImportSession.filter(connection_id=connection_id, state=SessionState.RUNNING)
    if await running.filter(seen_at__gt=from_ms(work.now_ms - SILENCE_MAX_MS)).exists():
        raise Refusal("C1C_IMPORT_RUNNING")
    await running.update(state=SessionState.INTERRUPTED, finished_at=work.now)
