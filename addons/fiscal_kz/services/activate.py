"""Making a register fiscal, entering a token, and letting a blocked register try again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.commands import ActivateKkm, EnterToken, ReleaseKkm, check_token
from addons.fiscal_kz.domain.effects import Effect
from addons.fiscal_kz.domain.events import Released, TokenEntered
from addons.fiscal_kz.domain.kinds import Block, DocumentKind
from addons.fiscal_kz.domain.state import State
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.desk import Desk
from addons.fiscal_kz.services.jobs import INFO_PURPOSE_ACTIVATE, enqueue_info, lane_key
from addons.fiscal_kz.services.records import DocumentRecord, DocumentState, KkmRecord
from addons.fiscal_kz.settings import FiscalSettings
from addons.organization.api import RegisterCard, register_card
from kernel.errors import Refusal
from kernel.ids import new_id

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Lane

GEO_VERSION = 203  # security_stats.geo_position is mandatory from here on


async def activate_kkm(work: Work, command: ActivateKkm) -> str:
    """Store id and token and put an INFO exchange at the lane's tail; id of the KKM.

    The register is active once INFO was answered with 0. Raises Refusal: KKM_GEO_REQUIRED, KKM_BUSY,
    OFD_ID_TAKEN, OFD_PROFILE_UNKNOWN, REGISTER_UNKNOWN, REGISTER_FORBIDDEN, REGISTER_DECOMMISSIONED and
    those of the command's form.
    """
    command.check()
    work.principal.require("fiscal_kz.activate")
    work.principal.require_register(command.register_id)
    register = await register_card(work, command.register_id)
    if register.is_decommissioned:
        raise Refusal("REGISTER_DECOMMISSIONED", number=register.number)
    settings = work.settings(FiscalSettings)
    settings.profile(command.profile)
    version = command.version or settings.default_version
    if version >= GEO_VERSION and (
        register.outlet.latitude_e4 is None or register.outlet.longitude_e4 is None
    ):
        raise Refusal("KKM_GEO_REQUIRED", outlet=register.outlet.title)
    lane = await work.lane(lane_key(register.id), company_id=register.company_id)
    known = await store.kkm_of_register(work, register.id)
    try:
        kkm = await (
            _create(work, command, register, version)
            if known is None
            else _renew(work, command, known, version)
        )
    except IntegrityError:
        raise Refusal("OFD_ID_TAKEN", field="ofdId", ofd_id=command.ofd_id) from None
    await work.execute("UPDATE fkz_kkm SET activation_code = NULL WHERE id = ?", kkm.id)
    enqueue_info(lane, kkm, purpose=INFO_PURPOSE_ACTIVATE)
    lane.unblock()
    await work.audit("fiscal_kz.activate", kkm.id, {"register": register.id, "ofd_id": command.ofd_id})
    return kkm.id


async def _create(work: Work, command: ActivateKkm, register: RegisterCard, version: int) -> KkmRecord:
    outlet = register.outlet
    kkm = KkmRecord(
        id=new_id(),
        company_id=register.company_id,
        register_id=register.id,
        profile=command.profile,
        ofd_id=command.ofd_id,
        card=KkmCard(
            zone=outlet.zone,
            latitude_e4=outlet.latitude_e4,
            longitude_e4=outlet.longitude_e4,
            org_title=register.company.title,
            org_address=outlet.address,
            org_address_kk=outlet.address_kk,
            org_bin=register.company.bin,
        ),
        shift_id=None,
        state=State(version=version, token=command.token),
    )
    await store.insert_kkm(work, kkm)
    return kkm


async def _renew(work: Work, command: ActivateKkm, known: KkmRecord, version: int) -> KkmRecord:
    """The same register again: another OFD or id only when nothing is under way."""
    is_same = (known.profile, known.ofd_id) == (command.profile, command.ofd_id)
    state = known.state
    if not is_same and (state.is_shift_open or state.undelivered or state.exchange is not None):
        raise Refusal("KKM_BUSY")
    await store.save_card(work, known, profile=command.profile, ofd_id=command.ofd_id)
    exchange = state.exchange
    renewed = replace(
        state,
        token=command.token,
        version=version,
        exchange=None,
        block=Block.NONE,
        block_code=0,
        server_blocks=0,
    )
    await store.save_state(work, known.id, renewed, known.shift_id)
    return replace(
        known, profile=command.profile, ofd_id=command.ofd_id, state=replace(renewed, exchange=exchange)
    )


async def enter_token(work: Work, command: EnterToken) -> None:
    """Take a new token; a register that waited for it works again.

    Raises Refusal: KKM_NOT_ACTIVE, KKM_TOKEN_MALFORMED.
    """
    check_token(command.token)
    work.principal.require("fiscal_kz.activate")
    desk = await _desk(work, command.register_id)
    effects = desk.decide(TokenEntered(command.token))
    await _finish(desk, effects)
    desk.chronicle.note("token_entered", {"kkm": desk.kkm.id, "by": work.principal.subject_id})
    await work.audit("fiscal_kz.enter_token", desk.kkm.id)


async def release_kkm(work: Work, command: ReleaseKkm) -> None:
    """Let a blocked register try again. Raises Refusal: KKM_NOT_ACTIVE, KKM_NOT_BLOCKED."""
    work.principal.require("fiscal_kz.activate")
    desk = await _desk(work, command.register_id)
    effects = desk.decide(Released())
    if not effects and not desk.lane.is_blocked:
        raise Refusal("KKM_NOT_BLOCKED")
    await _finish(desk, effects)
    desk.chronicle.note(
        "released", {"kkm": desk.kkm.id, "by": work.principal.subject_id, "reason": command.reason}
    )
    await work.audit("fiscal_kz.release", desk.kkm.id, {"reason": command.reason})


async def _desk(work: Work, register_id: str) -> Desk:
    work.principal.require_register(register_id)
    lane: Lane = await work.lane(lane_key(register_id), company_id=work.company_id)
    kkm = await store.kkm_of_register(work, register_id)
    if kkm is None:
        raise Refusal("KKM_NOT_ACTIVE")
    return Desk(work, lane, kkm)


async def _finish(desk: Desk, effects: tuple[Effect, ...]) -> None:
    nobody = DocumentRecord(
        id="", kind=DocumentKind.POLL, state=DocumentState.DONE, subject_id=None, lane_seq=0,
        created_ms=desk.work.now_ms, body=None, total=0,
    )  # fmt: skip
    await desk.perform(nobody, effects)
    await desk.save()
    desk.lane.unblock()
