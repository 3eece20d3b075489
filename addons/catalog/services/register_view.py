"""What people choose for registers: assortment, percent, rounding, type of price."""

from __future__ import annotations

from addons.catalog.domain.commands_view import CHOSEN_GROUPS_MAX, REGISTERS_MAX, SetRegisterView
from addons.catalog.domain.pricing import check_register_percent, check_step
from addons.catalog.domain.product import GroupId
from addons.catalog.domain.source import Unset
from addons.catalog.models import ProductGroup, RegisterGroupChoice, RegisterView
from addons.catalog.services.codes import lock_catalogue
from addons.catalog.services.feed_notes import note_view
from addons.catalog.services.group_paths import ensure_paths
from addons.catalog.services.price_types import known_price_type
from addons.organization.api import register_card, require_reported
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.ids import new_id


async def set_register_view(work: Work, command: SetRegisterView) -> None:
    """Choose what registers see, the same for all of them.

    Refusals: REGISTER_UNKNOWN, REGISTER_FORBIDDEN, REGISTER_AWAITS_REPORT (its new device has not said yet
    what it is), REGISTERS_TOO_MANY, GROUP_UNKNOWN, VIEW_GROUPS_TOO_MANY,
    VIEW_GROUPS_MISSING (chosen groups, and none is chosen), VIEW_PERCENT_OUT_OF_RANGE, VIEW_STEP_UNKNOWN,
    PRICE_TYPE_UNKNOWN, PRICE_TYPE_ARCHIVED.
    """
    if len(command.register_ids) > REGISTERS_MAX:
        raise Refusal("REGISTERS_TOO_MANY", field="registerIds", max=REGISTERS_MAX)
    await lock_catalogue(work, work.company_id)
    await _check(command)
    if not isinstance(command.group_ids, Unset):
        await ensure_paths(work)
    for register_id in dict.fromkeys(command.register_ids):
        work.principal.require_register(register_id)
        await register_card(work, register_id)
        await require_reported(work, register_id)
        await _set(work, register_id, command)
        await note_view(work, register_id)
    work.notice("catalog", work.company_id)


async def _check(command: SetRegisterView) -> None:
    if not isinstance(command.percent_bp, Unset):
        check_register_percent(command.percent_bp, field="percent")
    if not isinstance(command.step_tiyn, Unset):
        check_step(command.step_tiyn, field="roundingStep")
    if not isinstance(command.price_type_id, Unset) and command.price_type_id is not None:
        price_type = await known_price_type(command.price_type_id)
        if price_type.is_archived:
            raise Refusal("PRICE_TYPE_ARCHIVED", field="priceTypeId", name=price_type.name)
    if not isinstance(command.group_ids, Unset):
        await _check_groups(command.group_ids)


async def _check_groups(group_ids: tuple[GroupId, ...]) -> None:
    if len(group_ids) > CHOSEN_GROUPS_MAX:
        raise Refusal("VIEW_GROUPS_TOO_MANY", field="groupIds", max=CHOSEN_GROUPS_MAX)
    known = {group.id for group in await ProductGroup.filter(id__in=list(group_ids)).only("id")}
    for place, group_id in enumerate(group_ids):
        if group_id not in known:
            raise Refusal("GROUP_UNKNOWN", field=f"groupIds.{place}")


async def _set(work: Work, register_id: str, command: SetRegisterView) -> None:
    view: RegisterView | None = await RegisterView.get_or_none(register_id=register_id)
    is_new = view is None
    if view is None:
        view = RegisterView(id=new_id(), company_id=work.company_id, register_id=register_id)
    if not isinstance(command.is_all_goods, Unset):
        view.is_all_goods = command.is_all_goods
    if not isinstance(command.percent_bp, Unset):
        view.percent_bp = command.percent_bp
    if not isinstance(command.step_tiyn, Unset):
        view.rounding_step_tiyn = command.step_tiyn
    if not isinstance(command.price_type_id, Unset):
        view.price_type_id = command.price_type_id
    if not isinstance(command.group_ids, Unset):
        await RegisterGroupChoice.filter(register_id=register_id).delete()
        await RegisterGroupChoice.bulk_create(
            RegisterGroupChoice(
                id=new_id(), company_id=work.company_id, register_id=register_id, group_id=group_id
            )
            for group_id in dict.fromkeys(command.group_ids)
        )
    if not view.is_all_goods and not await RegisterGroupChoice.filter(register_id=register_id).exists():
        raise Refusal("VIEW_GROUPS_MISSING", field="groupIds")
    view.updated_at = work.now
    await view.save(force_create=is_new)
    await work.audit(
        "catalog.register_view_set",
        register_id,
        {
            "allGoods": view.is_all_goods,
            "percentBp": view.percent_bp,
            "stepTiyn": view.rounding_step_tiyn,
            "priceType": view.price_type_id,
        },
    )
