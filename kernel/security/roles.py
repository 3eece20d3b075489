"""The one role table as a page. Add-ons fill it through `registry.role`; who has a role is not known."""

from __future__ import annotations

from collections.abc import Mapping

# Columns of docs/access.md, from least to most.
ROLE_ORDER = (
    "newcomer",
    "device",
    "cashier",
    "senior_cashier",
    "accountant",
    "administrator",
    "owner",
    "service",
    "inspector",
    "dealer",
    "acquirer",
)


def columns_of(roles: Mapping[str, frozenset[str]]) -> list[str]:
    """Roles from least to most, those nobody ordered last."""
    return [role for role in ROLE_ORDER if role in roles] + sorted(set(roles) - set(ROLE_ORDER))


def access_page(roles: Mapping[str, frozenset[str]]) -> str:
    """The role table, the first part of docs/access.md."""
    columns = columns_of(roles)
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
