"""What a company settles for all its goods, in the settings: price types, labels of scales."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from addons.catalog.domain.scale_code import RULES_MAX
from addons.catalog.pages.lists import point_at
from addons.catalog.pages.places import EDIT, PAGES
from kernel.web.pages import CONSOLE, Tab
from kernel.web.view import Declined, View

TABS = "organization.settings"
PRICE_TYPES = f"{CONSOLE}/settings/price-types"
SCALES = f"{CONSOLE}/settings/scales"
KINDS = ("WEIGHT", "PIECES", "PRICE")
BLANK_RULES = 2  # below the rules that are there
NUMBERS = ("codeDigits", "valueDigits", "decimals")
USUAL = {
    "prefix": "",
    "kind": "WEIGHT",
    "codeDigits": 5,
    "valueDigits": 5,
    "decimals": 3,
}  # 13 digits: grams of a kilogram
DIGITS_SHOWN_MAX = 2  # a number of digits has no more


@PAGES.page(PRICE_TYPES, title="catalog.price_types", permission=EDIT, tab=Tab(TABS, 28))
async def price_types(view: View) -> Response:
    """Kinds of prices beside the ordinary one."""
    data = await view.query("price_types")
    return view.show(
        "catalog/price_types.html", price_types=data["priceTypes"]["nodes"], tabs=view.tabs(TABS)
    )


@PAGES.action(PRICE_TYPES, permission=EDIT)
async def save_price_type(view: View) -> Response:
    """A new type, another name of one, or one put away or back."""
    form = await view.form()
    if not form.get("priceTypeId"):
        outcome = await view.mutate("create_price_type", name=form.get("name", ""))
    else:
        asked: dict[str, Any] = {"priceTypeId": form["priceTypeId"]}
        if form.get("what") in ("archive", "restore"):
            asked["isArchived"] = form["what"] == "archive"
        else:
            asked["name"] = form.get("newName", "")
        outcome = await view.mutate("save_price_type", **asked)
        if outcome.refusal is not None:
            outcome.refusal.field = None  # the field of that name is the new type's
    return await view.done(outcome, PRICE_TYPES, price_types)


@PAGES.page(SCALES, title="catalog.scales", permission=EDIT, tab=Tab(TABS, 29))
async def scales(view: View) -> Response:
    """Rules of scale labels, and empty lines for more."""
    rules = (await view.query("scale_rules"))["scaleRules"]["rules"]
    blanks = min(BLANK_RULES, RULES_MAX - len(rules))
    return view.show(
        "catalog/scales.html", rules=[*rules, *([USUAL] * blanks)], kinds=KINDS, tabs=view.tabs(TABS)
    )


@PAGES.action(SCALES, permission=EDIT)
async def save_scales(view: View) -> Response:
    """All rules as they were written; one without a prefix goes."""
    form = await view.form()
    places = [place for place in range(RULES_MAX) if form.get(f"prefix{place}")]
    try:
        rules = [_rule(view, form, place) for place in places]
    except Declined as refusal:
        return await view.again(refusal, scales)
    outcome = await view.mutate("save_scale_rules", rules=rules)
    if outcome.refusal is not None:
        names = {"": "prefix"} | {name: name for name in NUMBERS}
        return await view.again(point_at(outcome.refusal, places, names), scales)
    return view.go(SCALES, "core.saved")


def _rule(view: View, form: Mapping[str, str], place: int) -> dict[str, Any]:
    """A rule of the form. Raises Declined for what is no number."""
    rule: dict[str, Any] = {"prefix": form[f"prefix{place}"], "kind": form.get(f"kind{place}", "")}
    for name in NUMBERS:
        text = form.get(f"{name}{place}", "")
        if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_SHOWN_MAX):
            raise Declined("BAD_USER_INPUT", view.text("core.bad_value"), f"{name}{place}")
        rule[name] = int(text)
    return rule
