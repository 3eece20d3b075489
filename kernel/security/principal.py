"""Who is acting: a frozen value made at the edge and carried by every Work.

It decides nothing about business.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import field, replace
from enum import StrEnum

from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.values import value


class PrincipalKind(StrEnum):
    """What sort of subject acts."""

    ANONYMOUS = "anonymous"
    USER = "user"
    OPERATOR = "operator"
    DEVICE = "device"
    SERVICE = "service"  # an integrator's API token
    SYSTEM = "system"  # our own jobs and commands


@value
class Principal:
    """A subject, its company and its permissions.

    company_id None means "no company": tenant rows are out of reach. register_ids None means every register
    of the company. language: chosen by a person for good; None means whatever a request asks for. device_id:
    the till this comes from, when a till's own token or a session opened at it says so. via_company_id: the
    subject's own company, when it acts in another one as its guest.
    """

    kind: PrincipalKind
    subject_id: str = ""
    company_id: CompanyId | None = None
    permissions: frozenset[str] = field(default_factory=frozenset)
    register_ids: frozenset[str] | None = None
    language: str | None = None
    session_id: str | None = None
    device_id: str | None = None
    via_company_id: CompanyId | None = None

    def may(self, permission: str) -> bool:
        """True when the permission is held; the system holds all."""
        return self.kind is PrincipalKind.SYSTEM or permission in self.permissions

    def require(self, permission: str) -> None:
        """Raises Refusal("FORBIDDEN") when the permission is not held."""
        if not self.may(permission):
            raise Refusal("FORBIDDEN", permission=permission)

    def require_company(self) -> CompanyId:
        """The company acted for. Raises Refusal("COMPANY_REQUIRED") when there is none."""
        if self.company_id is None:
            raise Refusal("COMPANY_REQUIRED")
        return self.company_id

    def require_register(self, register_id: str) -> None:
        """Raises Refusal("REGISTER_FORBIDDEN") when this subject is limited to other registers."""
        if self.register_ids is not None and register_id not in self.register_ids:
            raise Refusal("REGISTER_FORBIDDEN")

    def within(self, company_id: CompanyId) -> Principal:
        """The same subject acting for that company (jobs of the system, a dealer in a client's account)."""
        return replace(self, company_id=company_id)


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS)
SYSTEM = Principal(PrincipalKind.SYSTEM, subject_id="system")

_current: ContextVar[Principal] = ContextVar("principal", default=ANONYMOUS)


def current_principal() -> Principal:
    """The principal of the running Work or reading scope; anonymous outside of both."""
    return _current.get()


def act_as(principal: Principal) -> None:
    """Make the principal current for as long as the running context lasts."""
    _current.set(principal)


class Acting:
    """Made by `acting`. A class, because a generator costs ten times as much and every Work enters one."""

    __slots__ = ("_principal", "_token")

    def __init__(self, principal: Principal) -> None:
        self._principal = principal

    def __enter__(self) -> None:
        self._token = _current.set(self._principal)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def acting(principal: Principal) -> Acting:
    """Make the principal current inside the block."""
    return Acting(principal)
