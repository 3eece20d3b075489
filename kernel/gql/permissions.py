"""Rights on fields: every root field says who may ask for it; a schema where one does not is not built."""

from __future__ import annotations

from functools import cache
from typing import ClassVar

from strawberry.permission import BasePermission
from strawberry.types.field import StrawberryField

from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.security.principal import Principal, PrincipalKind

# Refusals about the caller rather than the request: they are errors of the answer, never members of a
# mutation's union.
ACCESS_CODES = frozenset({"UNAUTHENTICATED", "FORBIDDEN"})


class RightsRule(BasePermission):
    """Base of both rules; permission is None for Public."""

    permission: ClassVar[str | None] = None

    def has_permission(self, source: object, info: Info, **kwargs: object) -> bool:
        """True when the caller holds the permission. Raises Refusal("UNAUTHENTICATED") or ("FORBIDDEN")."""
        deny(info.context.principal, self.permission)
        return True


def deny(principal: Principal, permission: str | None) -> None:
    """Do nothing when the principal holds the permission (None: anybody).

    Raises Refusal("UNAUTHENTICATED") for a stranger and ("FORBIDDEN") for a caller without the right.
    """
    if permission is None or principal.may(permission):
        return
    if principal.kind is PrincipalKind.ANONYMOUS:
        raise Refusal("UNAUTHENTICATED")
    raise Refusal("FORBIDDEN", permission=permission)


class Public(RightsRule):
    """Anybody may ask, signed in or not."""


@cache
def Requires(permission: str) -> type[BasePermission]:  # noqa: N802 - reads as a class where it is used
    """The rule "the caller holds this permission", for `permission_classes=[Requires("trade.sell")]`."""
    return type(f"Requires_{permission.replace('.', '_')}", (RightsRule,), {"permission": permission})


def rights_of(field: StrawberryField) -> list[str | None] | None:
    """Permissions a field asks for (None inside means Public), or None when it carries no rule of ours."""
    rules = [rule for rule in field.permission_classes if issubclass(rule, RightsRule)]
    return [rule.permission for rule in rules] if rules else None
