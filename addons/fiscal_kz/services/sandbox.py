"""A register for whoever writes a program against us: its KKM is active at once, behind it is a simulator."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from addons.fiscal_kz.domain.commands import UINT32_MAX, ActivateKkm, CreateSandbox
from addons.fiscal_kz.domain.factory import OWN_DIGITS, factory_number
from addons.fiscal_kz.services.activate import activate_kkm
from addons.fiscal_kz.services.passports import insert_passport
from addons.fiscal_kz.settings import FiscalSettings
from addons.organization.api import CreateOutlet, CreateRegister, OutletId, create_outlet, create_register
from kernel.clock import from_ms
from kernel.errors import Refusal

if TYPE_CHECKING:
    from kernel.data.work import Work

_OUTLET = CreateOutlet(
    "Песочница / Құмсалғыш", "Астана, Қабанбай батыр 1", latitude_e4=511284, longitude_e4=714306
)


async def create_sandbox(work: Work, command: CreateSandbox) -> str:
    """A new register with a KKM that a simulator is asked to take; id of the register.

    Its receipts are marked «ТЕСТ». Raises Refusal: SANDBOX_NOT_SET_UP and those of create_outlet,
    create_register and activate_kkm.
    """
    work.principal.require("fiscal_kz.activate")
    profile = work.settings(FiscalSettings).simulator
    if profile is None:
        raise Refusal("SANDBOX_NOT_SET_UP")
    outlet_id = OutletId(command.outlet_id) if command.outlet_id else await create_outlet(work, _OUTLET)
    register_id = await create_register(work, CreateRegister(outlet_id, command.title))
    year = from_ms(work.now_ms).year
    number = factory_number(year, secrets.randbelow(10**OWN_DIGITS))
    await insert_passport(work, register_id, number=number, made_year=year, is_sandbox=True)
    ofd_id, token = (1 + secrets.randbelow(UINT32_MAX) for _ in range(2))
    await activate_kkm(work, ActivateKkm(register_id, ofd_id, token, profile.code))
    return register_id
