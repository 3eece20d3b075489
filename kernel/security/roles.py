"""The one role table: every add-on says which of its permissions a role has. Who holds a role is kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kernel.errors import Fault

# Columns of docs/access.md, from least to most.
ROLE_ORDER = ("device", "cashier", "senior_cashier", "administrator", "owner", "service")


class RoleTable:
    """Role → permissions, put together while add-ons register and frozen afterwards."""

    def __init__(self) -> None:
        self._roles: dict[str, set[str]] = {}
        self._frozen: dict[str, frozenset[str]] | None = None

    def grant(self, role: str, permissions: Iterable[str]) -> None:
        """Add permissions to a role. Raises Fault after freeze() and for a role outside ROLE_ORDER."""
        if self._frozen is not None:
            raise Fault("roles are granted only while add-ons register")
        if role not in ROLE_ORDER:
            raise Fault(f"unknown role {role!r}; roles are {', '.join(ROLE_ORDER)}")
        self._roles.setdefault(role, set()).update(permissions)

    def freeze(self) -> None:
        """No more grants."""
        self._frozen = {role: frozenset(self._roles.get(role, ())) for role in ROLE_ORDER}

    def permissions_of(self, role: str) -> frozenset[str]:
        """Permissions of a role; none for an unknown one, so a row with a forgotten role opens nothing."""
        if self._frozen is not None:
            return self._frozen.get(role, frozenset())
        return frozenset(self._roles.get(role, ()))

    def as_mapping(self) -> Mapping[str, frozenset[str]]:
        """The whole table."""
        return {role: self.permissions_of(role) for role in ROLE_ORDER}


def access_page(roles: Mapping[str, frozenset[str]]) -> str:
    """The role table as the Markdown page docs/access.md."""
    columns = [role for role in ROLE_ORDER if role in roles] + sorted(set(roles) - set(ROLE_ORDER))
    permissions = sorted(set().union(*roles.values())) if roles else []
    lines = [
        "# Who may do what",
        "",
        "Made by `sauda access`; a test compares it with the role table of the installed add-ons.",
        "A permission is `<add-on>.<what>`; a role has exactly the rows marked `+`.",
        "",
        "| permission | " + " | ".join(columns) + " |",
        "|---|" + ":-:|" * len(columns),
    ]
    for permission in permissions:
        marks = " | ".join("+" if permission in roles[role] else " " for role in columns)
        lines.append(f"| `{permission}` | {marks} |")
    return "\n".join(lines) + "\n"
