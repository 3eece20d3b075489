"""What organization promises as an add-on, and the page of rights of the whole house."""

from __future__ import annotations

from pathlib import Path

from kernel.addons.checks import AddonChecks
from kernel.addons.loader import load_addons
from kernel.gql.access_page import access_page
from kernel.gql.schema import build_schema
from kernel.security.roles import ROLE_ORDER

ACCESS_PAGE = Path(__file__).parents[3] / "docs" / "access.md"


class TestOrganization(AddonChecks):
    addon = "organization"


def test_access_page_says_what_the_role_table_says() -> None:
    registry = load_addons()
    page = access_page(registry, build_schema(registry))

    assert ACCESS_PAGE.read_text(encoding="utf-8") == page, "run sauda access --write docs/access.md"


def test_roles_are_the_known_ones_and_owners_hold_whatever_people_at_the_till_hold() -> None:
    roles = load_addons().roles

    assert set(roles) == set(ROLE_ORDER)
    assert roles["cashier"] <= roles["senior_cashier"] <= roles["administrator"] <= roles["owner"]
