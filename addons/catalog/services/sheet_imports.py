"""The life of an import of a sheet: taken in, checked, confirmed, stored or stopped. The work itself is
sheet_run's.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NewType

import orjson

from addons.catalog.domain.sheet_profile import (
    READY_PROFILES,
    SheetFacts,
    SheetProfile,
    profile_facts,
    read_facts,
    read_profile,
    sheet_facts,
)
from addons.catalog.domain.sheet_report import (
    RUNNING,
    ErrorPolicy,
    SheetOptions,
    SheetReport,
    SheetState,
    read_options,
    read_report,
)
from addons.catalog.models_sheet import FILE_NAME_LENGTH_MAX, SheetImport, SheetProfileRow
from addons.catalog.services.sheet_batch import IMPORT, TOPIC, report_text
from kernel.data.work import Reader, Work
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.security.principal import Principal, PrincipalKind
from kernel.texts import one_line

SheetImportId = NewType("SheetImportId", str)

SHEET_JOB = "catalog.sheet"
RUNS_MAX = 4  # in a row that move nothing; fewer than faults that block a lane
UPLOADED_MAX = 50  # files of a company that wait to be checked


PLAIN = SheetOptions()


@dataclass(frozen=True, slots=True)
class AddSheet:
    """A file that lies in the folder of sheets already, under this id."""

    import_id: SheetImportId
    file_name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CheckSheet:
    """profile: the name of a ready one or of the company's own. by_job: by a worker; else the caller runs
    it."""

    import_id: SheetImportId
    profile: str = "goods"
    options: SheetOptions = PLAIN
    by_job: bool = True


@dataclass(frozen=True, slots=True)
class StartSheet:
    """token: told by the dry run."""

    import_id: SheetImportId
    token: str
    by_job: bool = True


@dataclass(frozen=True, slots=True)
class SheetTask:
    """What is to be done with one file, as sheet_run needs it."""

    import_id: SheetImportId
    company_id: CompanyId
    actor: Principal
    state: SheetState
    profile: SheetProfile
    options: SheetOptions
    facts: SheetFacts | None
    report: SheetReport
    line: int


async def add_sheet(work: Work, command: AddSheet) -> SheetImportId:
    """Remember an uploaded file. Raises Refusal("SHEETS_TOO_MANY")."""
    waiting = await SheetImport.filter(state=SheetState.UPLOADED).count()
    if waiting >= UPLOADED_MAX:
        raise Refusal("SHEETS_TOO_MANY", max=UPLOADED_MAX)
    row = SheetImport(
        id=command.import_id,
        company_id=work.company_id,
        state=SheetState.UPLOADED,
        file_name=one_line(command.file_name)[-FILE_NAME_LENGTH_MAX:] or "-",
        size_bytes=command.size_bytes,
        profile="",
        facts="",
        options="",
        report=report_text(SheetReport()),
        refusal_facts="{}",
        actor_kind=work.principal.kind.value,
        actor_id=work.principal.subject_id[:64],
        created_at=work.now,
        seen_at=work.now,
    )
    await row.save(force_create=True)
    return command.import_id


async def check_sheet(work: Work, command: CheckSheet) -> SheetImportId:
    """Begin the dry run; again with another profile or other options as often as one likes.

    Refusals SHEET_UNKNOWN, SHEET_RUNNING, SHEET_STORED, SHEET_PROFILE_UNKNOWN, SHEET_PERCENT_WRONG.
    """
    row = await _known(command.import_id)
    if row.state in RUNNING:
        raise Refusal("SHEET_RUNNING")
    if row.state in (SheetState.DONE, SheetState.STOPPED):
        raise Refusal("SHEET_STORED")
    if not 0 <= command.options.archive_percent_max <= 100:
        raise Refusal("SHEET_PERCENT_WRONG", field="archivePercentMax")
    profile = await profile_named(command.profile)
    row.profile = orjson.dumps(profile_facts(profile)).decode()
    row.options = orjson.dumps(command.options).decode()
    row.report, row.facts, row.line, row.token = report_text(SheetReport()), "", 0, ""
    row.refusal_code, row.refusal_facts = "", "{}"
    await _go(work, row, SheetState.CHECKING, by_job=command.by_job)
    return command.import_id


async def start_sheet(work: Work, command: StartSheet) -> SheetImportId:
    """Store what the dry run told of. Storing that runs or is done already is fine with the same token.

    Refusals SHEET_UNKNOWN, SHEET_NOT_CHECKED, SHEET_TOKEN_WRONG, SHEET_HAS_FAULTS (reject all),
    SHEET_ARCHIVES_TOO_MANY.
    """
    row = await _known(command.import_id)
    if row.state not in (SheetState.CHECKED, SheetState.STORING, SheetState.DONE) or not row.token:
        raise Refusal("SHEET_NOT_CHECKED")
    if not hmac.compare_digest(row.token.encode(), command.token.encode()):
        raise Refusal("SHEET_TOKEN_WRONG", field="token")
    if row.state is not SheetState.CHECKED:
        return command.import_id
    report, options = read_report(orjson.loads(row.report)), read_options(orjson.loads(row.options))
    if report.failed and options.policy is ErrorPolicy.REJECT_ALL:
        raise Refusal("SHEET_HAS_FAULTS", rows=report.failed)
    check_ceiling(report, options)
    row.report, row.line = report_text(SheetReport()), 0
    await _go(work, row, SheetState.STORING, by_job=command.by_job)
    await work.audit(
        "catalog.sheet_started",
        row.id,
        {"file": row.file_name, "rows": report.read, "replaces_all": options.replaces_all},
    )
    return command.import_id


async def stop_sheet(work: Work, import_id: SheetImportId) -> SheetImportId:
    """Stop after the batch at hand, for good; what was stored stays. Stopped or done already is fine.

    Raises Refusal("SHEET_UNKNOWN").
    """
    row = await _known(import_id)
    if row.state not in (SheetState.DONE, SheetState.STOPPED):
        row.state, row.finished_at = SheetState.STOPPED, work.now
        await row.save()
        work.notice(TOPIC, row.id)
    return import_id


def check_ceiling(report: SheetReport, options: SheetOptions) -> None:
    """Raises Refusal("SHEET_ARCHIVES_TOO_MANY")."""
    if report.is_over(options):
        raise Refusal(
            "SHEET_ARCHIVES_TOO_MANY",
            count=report.to_archive,
            total=report.for_sale,
            max=options.archive_percent_max,
        )


async def profile_named(name: str) -> SheetProfile:
    """A ready profile, or one of the company. Raises Refusal("SHEET_PROFILE_UNKNOWN")."""
    ready = READY_PROFILES.get(name)
    if ready is not None:
        return ready
    row = await SheetProfileRow.get_or_none(name=name)
    if row is None:
        raise Refusal("SHEET_PROFILE_UNKNOWN", field="profile", value=name[:60])
    return read_profile(orjson.loads(row.body))


async def task_of(reader: Reader, import_id: SheetImportId) -> SheetTask | None:
    """What is to be done with a file; None when nothing runs."""
    row: SheetImport | None = await SheetImport.get_or_none(id=import_id)
    if row is None or row.state not in RUNNING:
        return None
    return SheetTask(
        import_id=import_id,
        company_id=reader.company_id,
        actor=Principal(PrincipalKind(row.actor_kind), row.actor_id, reader.company_id),
        state=row.state,
        profile=read_profile(orjson.loads(row.profile)),
        options=read_options(orjson.loads(row.options)),
        facts=read_facts(orjson.loads(row.facts)) if row.facts else None,
        report=read_report(orjson.loads(row.report)),
        line=row.line,
    )


async def begin_turn(work: Work, import_id: SheetImportId) -> SheetTask | None:
    """What is to be done with a file, by a worker; None when nothing runs, or when it broke off so often
    without moving on that it is given up: the files behind it are not to wait for ever.
    """
    task = await task_of(work, import_id)
    if task is None:
        return None
    counted = await work.execute(
        f"UPDATE {IMPORT} SET runs = runs + 1 WHERE id = ? AND company_id = ? AND runs < ?",
        import_id,
        work.company_id,
        RUNS_MAX,
    )
    if counted:
        return task
    await finish_sheet(work, task, task.report, SheetState.REFUSED, Refusal("SHEET_GIVEN_UP", runs=RUNS_MAX))
    return None


async def restart_check(work: Work, task: SheetTask, facts: SheetFacts) -> None:
    """A dry run begins, or begins anew after a crash: nothing of it is kept but its counts."""
    await work.execute(
        f"UPDATE {IMPORT} SET line = ?, report = ?, facts = ?, seen_ms = ?"
        " WHERE id = ? AND company_id = ? AND state = ?",
        0,
        report_text(SheetReport()),
        orjson.dumps(sheet_facts(facts)).decode(),
        work.now_ms,
        task.import_id,
        work.company_id,
        SheetState.CHECKING.value,
    )


async def finish_sheet(
    work: Work, task: SheetTask, report: SheetReport, state: SheetState, refusal: Refusal | None = None
) -> None:
    """What runs has ended; an import that was stopped meanwhile stays so."""
    await work.execute(
        f"UPDATE {IMPORT} SET state = ?, report = ?, token = CASE WHEN ? = 'checked' THEN ? ELSE token END,"
        " refusal_code = ?, refusal_facts = ?, seen_ms = ?, finished_ms = ?"
        " WHERE id = ? AND company_id = ? AND state = ?",
        state.value,
        report_text(report),
        state.value,
        secrets.token_urlsafe(24),
        "" if refusal is None else refusal.code,
        orjson.dumps({} if refusal is None else _plain(refusal.facts)).decode(),
        work.now_ms,
        None if state is SheetState.CHECKED else work.now_ms,
        task.import_id,
        work.company_id,
        task.state.value,
    )
    work.notice(TOPIC, task.import_id)


async def _known(import_id: SheetImportId) -> SheetImport:
    row: SheetImport | None = await SheetImport.get_or_none(id=import_id)
    if row is None:
        raise Refusal("SHEET_UNKNOWN", field="importId")
    return row


async def _go(work: Work, row: SheetImport, state: SheetState, *, by_job: bool) -> None:
    row.state = state
    row.actor_kind, row.actor_id = work.principal.kind.value, work.principal.subject_id[:64]
    row.runs = 0
    row.seen_at, row.finished_at = work.now, None  # type: ignore[assignment]
    if by_job:
        lane = await work.lane(f"catalog.sheet:{work.company_id}", company_id=work.company_id)
        lane.enqueue(SHEET_JOB, {"import_id": row.id})
    await row.save()
    work.notice(TOPIC, row.id)


def _plain(facts: Mapping[str, object]) -> dict[str, str | int]:
    return {name: fact if isinstance(fact, int) else str(fact) for name, fact in facts.items()}
