"""Entering data of the OFD: INFO is asked with them first, and only an OFD that says yes makes them ours.

Until then they live in the job alone, so a refusal leaves everything as it was. The job may run again after
a crash: it sends the same token, number and bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from addons.fiscal_kz.domain.card import KkmCard
from addons.fiscal_kz.domain.codes import refusal_of
from addons.fiscal_kz.domain.commands import ActivateKkm
from addons.fiscal_kz.domain.state import State
from addons.fiscal_kz.services import store
from addons.fiscal_kz.services.desk import Desk
from addons.fiscal_kz.services.info import ACTIVATION_TOPIC, info_answered
from addons.fiscal_kz.services.jobs import INFO_PURPOSE_ACTIVATE
from addons.fiscal_kz.services.journal import Chronicle
from addons.fiscal_kz.services.moving import is_under_way
from addons.fiscal_kz.services.passports import Passport, change_passport, insert_passport, passport_of
from addons.fiscal_kz.services.ports import OfdAnswered, OfdOutcome, Shipment, Wire
from addons.fiscal_kz.services.records import KkmRecord
from addons.fiscal_kz.services.register_news import tell_register
from addons.fiscal_kz.settings import FiscalSettings, ProfileKind
from addons.organization.api import RegisterCard, UpdateCompany, register_card, update_company
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.jobs.policy import DONE, Settled
from kernel.values import value

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job, Lane

ENTERING_JOB = "fiscal_kz.entering"
REQNUM_BEGINS_MAX = 32_768
_TAKEN = "SELECT register_id FROM fkz_kkm WHERE profile = ? AND ofd_id = ?"


@value
class Entered:
    """What a job of entering carries: data of the OFD and for which register."""

    kkm_id: str  # of the KKM to be made
    register_id: str
    profile: str
    ofd_id: int
    token: int
    version: int
    registration_number: str
    vat_series: str
    vat_number: str


@value
class Question:
    """An INFO request about to be sent with data that are not ours yet."""

    entered: Entered
    card: KkmCard
    shipment: Shipment


async def ask_ofd(work: Work, lane: Lane, command: ActivateKkm, register: RegisterCard, version: int) -> str:
    """Put the question at the lane's tail; id of the KKM that will be made or changed.

    Raises Refusal: OFD_ID_TAKEN, KKM_CHECK_PENDING, KKM_DECOMMISSIONED.
    """
    known = await store.kkm_of_lane(work, lane, register.id)
    paper = await passport_of(work, register.id)
    if paper is not None and paper.decommissioned_ms is not None:
        raise Refusal("KKM_DECOMMISSIONED", field="registerId")
    if paper is not None and paper.asked_ms is not None:
        raise Refusal("KKM_CHECK_PENDING", field="registerId")
    if await _is_taken(work, register.id, command.profile, command.ofd_id):
        raise Refusal("OFD_ID_TAKEN", field="ofdId", ofd_id=command.ofd_id)
    if paper is None:
        await insert_passport(work, register.id)
    await change_passport(work, register.id, {"asked_ms": work.now_ms, "refusal_code": None})
    kkm_id = new_id() if known is None else known.id
    lane.enqueue(
        ENTERING_JOB,
        {
            "kkm_id": kkm_id,
            "register_id": register.id,
            "profile": command.profile,
            "ofd_id": command.ofd_id,
            "token": command.token,
            "version": version,
            "registration_number": command.registration_number,
            "vat_series": command.vat_series,
            "vat_number": command.vat_number,
        },
    )
    return kkm_id


async def prepare_question(work: Work, job: Job) -> Question | Settled:
    """Bytes of INFO; the same ones whenever the job runs again."""
    entered = read_entered(job.body)
    register = await register_card(work, entered.register_id)
    paper = await passport_of(work, register.id)
    settings = work.settings(FiscalSettings)
    card = _card(register, entered, paper)
    try:
        way = settings.profile(entered.profile).way
    except Refusal as refusal:  # it was taken out of the settings meanwhile
        lane = await work.lane(job.lane_key, company_id=None)
        await _refused(work, lane, entered, refusal.code)
        return DONE
    shipment = Shipment(
        key=entered.kkm_id,
        way=way,
        version=entered.version,
        device_id=entered.ofd_id,
        token=entered.token,
        reqnum=first_reqnum(entered.register_id),
        payload=work.port(Wire).info(card, version=entered.version),
        deadline_ms=settings.transaction_ms,
        is_connection_kept=False,
    )
    return Question(entered, card, shipment)


async def settle_question(work: Work, job: Job, question: Question, outcome: OfdOutcome) -> Settled:
    """Make the data ours, or leave everything as it was and say why."""
    lane = await work.lane(job.lane_key, company_id=None)
    entered = question.entered
    if not isinstance(outcome, OfdAnswered):
        is_stranger = outcome.reason == "certificate"
        await _refused(work, lane, entered, "OFD_CERTIFICATE_WRONG" if is_stranger else "OFD_SILENT")
        return DONE
    code = refusal_of(outcome.code) if outcome.code else await _objection(work, lane, question, outcome)
    if code is not None:
        await _refused(work, lane, entered, code)
        return DONE
    desk = Desk(work, lane, await _taken_over(work, lane, question, outcome))
    await change_passport(work, entered.register_id, {"asked_ms": None, "refusal_code": None})
    await info_answered(desk, outcome, purpose=INFO_PURPOSE_ACTIVATE)
    await desk.save()
    if entered.vat_series or entered.vat_number:
        await update_company(
            work,
            UpdateCompany(
                work.company_id, is_vat_payer=True, vat_series=entered.vat_series,
                vat_number=entered.vat_number,
            ),
        )  # fmt: skip
    return DONE


def first_reqnum(register_id: str) -> int:
    """The number of a register's first request, another for each: an OFD that knew the KKM at another
    register remembers the number of its last document and refuses the same one (code 8).
    """
    return 1 + UUID(register_id).int % REQNUM_BEGINS_MAX


def read_entered(body: Mapping[str, Any]) -> Entered:
    """What ask_ofd wrote."""
    return Entered(**body)


async def _objection(work: Work, lane: Lane, question: Question, answer: OfdAnswered) -> str | None:
    """Why an OFD's yes is not enough: it spoke of another register, or meanwhile things have changed here."""
    entered = question.entered
    if await _is_taken(work, entered.register_id, entered.profile, entered.ofd_id):
        return "OFD_ID_TAKEN"
    known = await store.kkm_of_lane(work, lane, entered.register_id)
    if known is not None and is_under_way(known):
        return "KKM_BUSY"
    bare = replace(question.card, registration_number="", factory_number="")
    told = work.port(Wire).read_info(answer.payload, bare, version=entered.version).card
    if _differ(entered.registration_number, told.registration_number):
        return "KKM_REGISTRATION_DIFFERS"
    profile = work.settings(FiscalSettings).profile(entered.profile)
    if profile.kind is not ProfileKind.SIMULATOR and _differ(
        question.card.factory_number, told.factory_number
    ):
        return "KKM_FACTORY_DIFFERS"  # a simulator knows nobody's papers
    return None


def _differ(ours: str, theirs: str) -> bool:
    return bool(ours and theirs and ours != theirs)


async def _taken_over(work: Work, lane: Lane, question: Question, answer: OfdAnswered) -> KkmRecord:
    """The KKM under the entered data, written."""
    entered = question.entered
    known = await store.kkm_of_lane(work, lane, entered.register_id)
    if known is None:
        kkm = KkmRecord(
            id=entered.kkm_id,
            company_id=work.company_id,
            register_id=entered.register_id,
            profile=entered.profile,
            ofd_id=entered.ofd_id,
            card=question.card,
            shift_id=None,
            state=State(
                version=entered.version, token=answer.token, reqnum=first_reqnum(entered.register_id)
            ),
        )
        await store.insert_kkm(work, lane, kkm)
        return kkm
    state = known.state._replace(
        token=answer.token, version=entered.version, reqnum=first_reqnum(entered.register_id)
    )
    await store.save_card(work, lane, known, profile=entered.profile, ofd_id=entered.ofd_id)
    await store.save_state(work, lane, known, state, known.shift_id)
    lane.unblock()
    return replace(known, profile=entered.profile, ofd_id=entered.ofd_id, state=state)


async def _refused(work: Work, lane: Lane, entered: Entered, code: str) -> None:
    await change_passport(work, entered.register_id, {"asked_ms": None, "refusal_code": code})
    Chronicle(lane).note("activation_failed", {"kkm": entered.kkm_id, "code": code})
    work.notice(ACTIVATION_TOPIC, entered.register_id)
    tell_register(work, entered.register_id)


async def _is_taken(work: Work, register_id: str, profile: str, ofd_id: int) -> bool:
    row = await work.row(_TAKEN, profile, ofd_id)
    return row is not None and row["register_id"] != register_id


def _card(register: RegisterCard, entered: Entered, paper: Passport | None) -> KkmCard:
    outlet = register.outlet
    return KkmCard(
        zone=outlet.zone,
        latitude_e4=outlet.latitude_e4,
        longitude_e4=outlet.longitude_e4,
        registration_number=entered.registration_number,
        factory_number=(None if paper is None else paper.factory_number) or "",
        org_title=register.company.title,
        org_address=outlet.address,
        org_address_kk=outlet.address_kk,
        org_bin=register.company.bin,
    )
