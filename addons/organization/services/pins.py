"""Proof by PIN that an operator stands at a register: counted before it is checked, slower with mistakes.

A flow, not a service: the guess is counted in one transaction, the slow hash is compared in a thread outside
of any. What the proof opens is the caller's business, in a transaction that also calls forgive_pin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from addons.organization.domain.cards import OperatorCard, RegisterCard
from addons.organization.domain.checks import check_pin_strength
from addons.organization.services.attempts import Guess, count_guess, forgive
from addons.organization.services.cards import sale_desk
from kernel.config_sections import CoreSettings
from kernel.errors import Refusal
from kernel.security.passwords import verify_secret
from kernel.security.principal import Principal
from kernel.security.rate_limits import PIN_POLICY, PLACE_POLICY

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Work


async def prove_pin(
    database: Database,
    caller: Principal,
    register_id: str,
    operator_id: str,
    pin: str,
    *,
    is_replaced: bool = False,
) -> tuple[RegisterCard, OperatorCard]:
    """The register and the operator whose PIN this is. is_replaced: another takes its place now.

    Guesses wait longer and longer for each operator, at each register and from each device or token.
    Raises Refusal: AUTH_THROTTLED, PIN_WRONG, PIN_NOT_SET, PIN_MUST_BE_CHOSEN (right, but somebody else
    thought of it), PIN_WEAK and those of sale_desk.
    """
    async with database.reading(caller) as reader:
        register, operator = await sale_desk(reader, register_id, operator_id)
        sql = "SELECT pin_hash, is_pin_temporary FROM org_operator WHERE id = ? AND company_id = ?"
        row = await reader.row(sql, operator.id, register.company_id)
    if row is None or row["pin_hash"] is None:
        raise Refusal("PIN_NOT_SET", field="operatorId", name=operator.name)
    guesses = [
        Guess(_of(operator.id), PIN_POLICY),
        Guess(_at(register.id), PLACE_POLICY),
        Guess(_from(caller), PLACE_POLICY),
    ]
    await count_guess(database, guesses, caller)
    verdict = await verify_secret(row["pin_hash"], pin)
    if not verdict.is_right:
        await database.transact(_note_wrong_pin, operator, register, principal=caller)
        raise Refusal("PIN_WRONG", field="pin")
    if not is_replaced:
        if row["is_pin_temporary"]:
            await database.transact(forgive_pin, caller, register.id, operator.id, principal=caller)
            raise Refusal("PIN_MUST_BE_CHOSEN", field="newPin")
        check_pin_strength(pin, is_production=database.registry.settings_of(CoreSettings).production)
    return register, operator


async def forgive_pin(work: Work, caller: Principal, register_id: str, operator_id: str) -> None:
    """Forget the guesses after a right one."""
    for subject in sorted((_of(operator_id), _at(register_id), _from(caller))):
        await forgive(work, subject)


def _of(operator_id: str) -> str:
    return f"pin:{operator_id}"


def _at(register_id: str) -> str:
    return f"pin-at:{register_id}"


def _from(caller: Principal) -> str:
    return f"pin-from:{caller.device_id or caller.subject_id}"


async def _note_wrong_pin(work: Work, operator: OperatorCard, register: RegisterCard) -> None:
    await work.audit("organization.wrong_pin", f"operator:{operator.id}", {"register": register.id})
