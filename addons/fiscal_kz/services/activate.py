"""Making a register fiscal, entering a token, and letting a blocked register try again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.card import GEO_VERSION
from addons.fiscal_kz.domain.commands import ActivateKkm, EnterToken, ReleaseKkm, check_token
from addons.fiscal_kz.domain.effects import Effect
from addons.fiscal_kz.domain.events import Released, TokenEntered
from addons.fiscal_kz.domain.kinds import Block, DocumentKind
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.desk import Desk
from addons.fiscal_kz.services.entering import ask_ofd
from addons.fiscal_kz.services.integrity import JOURNAL_BROKEN, refuse_broken
from addons.fiscal_kz.services.jobs import INFO_PURPOSE_ACTIVATE, enqueue_info, lane_key
from addons.fiscal_kz.services.moving import is_under_way
from addons.fiscal_kz.services.passports import open_register
from addons.fiscal_kz.services.records import DocumentRecord, DocumentState, KkmRecord
from addons.fiscal_kz.settings import FiscalSettings
from addons.organization.api import check_certificate
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Lane


async def activate_kkm(work: Work, command: ActivateKkm) -> str:
    """Ask the OFD by INFO whether id and token are right; the KKM's id. Active once it said yes.

    For a new KKM, and for another id than before, nothing is kept before that. For the same id the token and
    the version are taken at once, documents on their way included, and INFO follows at the lane's tail.
    Raises Refusal: KKM_GEO_REQUIRED, KKM_BUSY, KKM_CHECK_PENDING, KKM_DECOMMISSIONED, OFD_ID_TAKEN,
    OFD_PROFILE_UNKNOWN, REGISTER_UNKNOWN, REGISTER_FORBIDDEN, REGISTER_DECOMMISSIONED,
    VAT_CERTIFICATE_MISSING and those of the command's form.
    """
    command.check()
    work.principal.require("fiscal_kz.activate")
    register = await open_register(work, command.register_id)
    settings = work.settings(FiscalSettings)
    settings.profile(command.profile)
    version = command.version or settings.default_version
    if version >= GEO_VERSION and (
        register.outlet.latitude_e4 is None or register.outlet.longitude_e4 is None
    ):
        raise Refusal("KKM_GEO_REQUIRED", outlet=register.outlet.title)
    if command.vat_series or command.vat_number:
        check_certificate(True, command.vat_series, command.vat_number)
    lane = await work.lane(lane_key(register.id), company_id=register.company_id)
    known = await store.kkm_of_lane(work, lane, register.id)
    facts = {"register": register.id, "ofd_id": command.ofd_id, "profile": command.profile}
    if known is None or (known.profile, known.ofd_id) != (command.profile, command.ofd_id):
        if known is not None and is_under_way(known):
            raise Refusal("KKM_BUSY")
        kkm_id = await ask_ofd(work, lane, command, register, version)
    else:
        kkm_id = known.id
        await _renew(work, lane, command, known, version)
    if lane.blocked_code != JOURNAL_BROKEN:
        lane.unblock()
    await work.audit("fiscal_kz.activate", kkm_id, facts)
    return kkm_id


async def _renew(work: Work, lane: Lane, command: ActivateKkm, known: KkmRecord, version: int) -> None:
    """The same register again. An exchange in flight keeps its own token and number."""
    state = known.state
    if state.block is Block.DECOMMISSIONED:
        raise Refusal("KKM_DECOMMISSIONED", field="registerId")
    renewed = state._replace(
        token=command.token, version=version, exchange=None, block_code=0, server_blocks=0,
        block=Block.PROGRAMMING if state.block is Block.PROGRAMMING else Block.NONE,
    )  # fmt: skip
    await store.save_state(work, lane, known, renewed, known.shift_id)
    await work.execute("UPDATE fkz_kkm SET activation_code = NULL WHERE id = ?", known.id)
    enqueue_info(lane, known, purpose=INFO_PURPOSE_ACTIVATE)


async def enter_token(work: Work, command: EnterToken) -> None:
    """Take a new token; a register that waited for it works again.

    Raises Refusal: KKM_NOT_ACTIVE, KKM_TOKEN_MALFORMED.
    """
    check_token(command.token)
    work.principal.require("fiscal_kz.activate")
    desk = await desk_of_register(work, command.register_id)
    effects = desk.decide(TokenEntered(command.token))
    await finish(desk, effects)
    desk.chronicle.note("token_entered", {"kkm": desk.kkm.id, "by": work.principal.subject_id})
    await work.audit("fiscal_kz.enter_token", desk.kkm.id)


async def release_kkm(work: Work, command: ReleaseKkm) -> None:
    """Let a blocked register try again. Raises Refusal: KKM_NOT_ACTIVE, KKM_NOT_BLOCKED."""
    work.principal.require("fiscal_kz.activate")
    desk = await desk_of_register(work, command.register_id)
    effects = desk.decide(Released())
    if not effects and desk.lane.blocked_code == JOURNAL_BROKEN:
        await refuse_broken(work, desk.lane, desk.kkm)
    if not effects and not desk.lane.is_blocked:
        raise Refusal("KKM_NOT_BLOCKED")
    await finish(desk, effects)
    desk.chronicle.note(
        "released", {"kkm": desk.kkm.id, "by": work.principal.subject_id, "reason": command.reason}
    )
    await work.audit("fiscal_kz.release", desk.kkm.id, {"reason": command.reason})


async def desk_of_register(work: Work, register_id: str) -> Desk:
    """The KKM of a register the caller may change. Raises Refusal: KKM_NOT_ACTIVE, REGISTER_FORBIDDEN."""
    work.principal.require_register(register_id)
    lane: Lane = await work.lane(lane_key(register_id), company_id=work.company_id)
    kkm = await store.kkm_of_lane(work, lane, register_id)
    if kkm is None:
        raise Refusal("KKM_NOT_ACTIVE")
    return Desk(work, lane, kkm)


async def finish(desk: Desk, effects: tuple[Effect, ...]) -> None:
    """Write what was decided on behalf of no document, and let the lane run."""
    nobody = DocumentRecord(
        id="", kind=DocumentKind.POLL, state=DocumentState.DONE, subject_id=None, lane_seq=0,
        created_ms=desk.work.now_ms, raw_body=None, total=0,
    )  # fmt: skip
    await desk.perform(nobody, effects)
    await desk.save()
    if desk.lane.blocked_code != JOURNAL_BROKEN:  # that takes an investigation: release_journal
        desk.lane.unblock()
