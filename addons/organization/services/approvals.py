"""An administrator's word for one document of somebody else: given by PIN, good once, for minutes.

A company chooses what needs it. Whoever may approve needs nobody's word, and our own jobs act for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.organization.domain.cards import ApprovalAction, OperatorId, RegisterId, Role
from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.pins import forgive_pin, prove_pin
from kernel.company_settings import choose_setting
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.api_tokens import TokenKind, digest_of, kind_of, make_token
from kernel.security.principal import Principal, PrincipalKind

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Reader, Work

APPROVE = "organization.approve"


@dataclass(frozen=True, slots=True)
class Approve:
    """An administrator lets one document of this kind through at this register."""

    register_id: RegisterId
    operator_id: OperatorId
    action: ApprovalAction
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Approval:
    """token: goes with the document; good until until_ms."""

    id: str
    token: str = field(repr=False)
    until_ms: int


async def approve(database: Database, caller: Principal, command: Approve) -> Approval:
    """A token for one document. A flow.

    Raises Refusal: APPROVER_NOT_ADMINISTRATOR and those of prove_pin.
    """
    register, operator = await prove_pin(
        database, caller, command.register_id, command.operator_id, command.pin
    )
    if operator.role is not Role.ADMINISTRATOR:
        raise Refusal("APPROVER_NOT_ADMINISTRATOR", field="operatorId", name=operator.name)

    async def giving(work: Work) -> Approval:
        await forgive_pin(work, caller, register.id, operator.id)
        return await _give(work, command, asked_by=caller.subject_id)

    approver = Principal(PrincipalKind.OPERATOR, operator.id, register.company_id)
    return await database.transact(giving, principal=approver)


async def require_approval(
    work: Work, action: ApprovalAction, *, register_id: str, token: str | None, subject: str
) -> None:
    """The company does not ask for an administrator's word here, the caller is one, or the token is his word,
    which is used up with this Work. subject: what it is used for, such as "sale:<id>".

    Raises Refusal: APPROVAL_REQUIRED, APPROVAL_WRONG.
    """
    if not is_approval_needed(work, action):
        return
    if not token:
        raise Refusal("APPROVAL_REQUIRED", field="approval", action=action.value)
    wrong = Refusal("APPROVAL_WRONG", field="approval")
    try:
        kind = kind_of(token)
    except Refusal:
        raise wrong from None
    row = await work.row(
        """SELECT id, operator_id FROM org_approval
           WHERE digest = ? AND company_id = ? AND register_id = ? AND action = ?""",
        digest_of(token),
        work.company_id,
        register_id,
        action.value,
    )
    if kind is not TokenKind.APPROVAL or row is None:
        raise wrong
    # The condition decides between two documents that come at once.
    taken = await work.execute(
        "UPDATE org_approval SET used_ms = ?, subject = ? WHERE id = ? AND used_ms IS NULL AND until_ms > ?",
        work.now_ms,
        subject,
        row["id"],
        work.now_ms,
    )
    if not taken:
        raise wrong
    facts = {"action": action.value, "register": register_id, "by": row["operator_id"]}
    await work.audit("organization.use_approval", subject, facts)


def is_approval_needed(reader: Reader, action: ApprovalAction) -> bool:
    """Whether the caller's document of this kind needs an administrator's word."""
    chosen = reader.settings(OrganizationSettings).approval_needed_for
    return action in chosen and not reader.principal.may(APPROVE)


async def choose_approvals(work: Work, actions: Sequence[ApprovalAction]) -> list[ApprovalAction]:
    """The company's own choice from now on, audited."""
    chosen = [action for action in ApprovalAction if action in actions]
    await choose_setting(work, OrganizationSettings, "approval_needed_for", ",".join(chosen))
    facts = {"actions": [action.value for action in chosen]}
    await work.audit("organization.choose_approvals", f"company:{work.company_id}", facts)
    return chosen


async def _give(work: Work, command: Approve, *, asked_by: str) -> Approval:
    token, approval_id = make_token(TokenKind.APPROVAL), new_id()
    until_ms = work.now_ms + work.settings(OrganizationSettings).approval_s * 1000
    await work.insert(
        "org_approval",
        {
            "id": approval_id,
            "company_id": work.company_id,
            "register_id": command.register_id,
            "action": command.action.value,
            "operator_id": command.operator_id,
            "asked_by": asked_by,
            "digest": token.digest,
            "created_ms": work.now_ms,
            "until_ms": until_ms,
        },
    )
    facts = {"action": command.action.value, "register": command.register_id, "asked_by": asked_by}
    await work.audit("organization.approve", f"approval:{approval_id}", facts)
    return Approval(approval_id, token.text, until_ms)
