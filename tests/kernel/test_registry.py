"""What an add-on may register, whose it is afterwards, and that nothing changes once loading is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Protocol

import pytest
import strawberry

from kernel.addons.entries import RegistryError
from kernel.addons.manifest import Manifest, parse_manifest
from kernel.addons.registry import Registry


def manifest(name: str, **changes: object) -> Manifest:
    table = {
        "name": name,
        "short": name[:3],
        "title": {"ru": name, "kk": name, "en": name},
        "version": "1",
        "kernel": ">=1",
        "tables_prefix": f"{name}_",
    }
    return parse_manifest({**table, **changes}, folder=Path(name), package=f"addons.{name}")


async def nothing(*_: object) -> None:
    """A service that does nothing."""


class Greeter(Protocol):
    def greet(self) -> str: ...


@dataclass(frozen=True)
class ShopSettings:
    SECTION: ClassVar[str] = "shop"
    colour: str = "red"


@strawberry.type(name="Sale")
class SaleType:
    total: int


@pytest.fixture
def registry() -> Registry:
    return Registry()


def test_everything_is_kept_with_its_owner(registry: Registry) -> None:
    shop = manifest("shop", permissions=["shop.sell"], settings=["shop"])
    extra = manifest("extra", depends=["shop"])

    with registry.owned_by(shop):
        registry.open_type(SaleType)
        registry.models("addons.shop.models")
        registry.role("cashier", {"shop.sell"})
        registry.settings(ShopSettings)
        registry.declare_hook("shop.opened")
        registry.schedule("shop.clean", timedelta(hours=1), nothing)
    with registry.owned_by(extra):
        registry.contribute("Sale", "ext", object())
        registry.hook("shop.opened", nothing)
        registry.subscribe("shop.sold", "extra", nothing)
    registry.freeze()

    assert registry.open_types["Sale"].owner == "shop"
    assert [each.owner for each in registry.contributions] == ["extra"]
    assert registry.hooks("shop.opened") == (nothing,)
    assert [each.owner for each in registry.subscribers("shop.sold")] == ["extra"]
    assert registry.roles == {"cashier": frozenset({"shop.sell"})}
    assert registry.model_modules == {"shop": ("addons.shop.models",)}
    assert registry.settings_of(ShopSettings).colour == "red"


@pytest.mark.parametrize(
    "late",
    [
        lambda registry: registry.job("shop.print", nothing),
        lambda registry: registry.query(SaleType),
        lambda registry: registry.route("/hello", nothing),
        lambda registry: registry.role("cashier", {"shop.sell"}),
        lambda registry: registry.hook("shop.opened", nothing),
    ],
)
def test_nothing_can_be_registered_after_loading(
    registry: Registry, late: Callable[[Registry], None]
) -> None:
    registry.freeze()

    with pytest.raises(RegistryError, match="after loading"):
        late(registry)


def test_nothing_can_be_registered_by_nobody(registry: Registry) -> None:
    with pytest.raises(RegistryError, match="outside of an add-on"):
        registry.query(SaleType)


@pytest.mark.parametrize(
    ("register", "problem"),
    [
        (lambda r: r.job("print", nothing), "must look like shop.something"),
        (lambda r: r.job("trade.print", nothing), "must look like shop.something"),
        (lambda r: r.loader("trade.sales", nothing), "must look like shop.something"),
        (lambda r: r.contribute("Sale", "shop", object()), "must be named 'sho'"),
        (lambda r: r.models("addons.trade.models"), "belong to another package"),
        (lambda r: r.open_type(ShopSettings), "is not a GraphQL type"),
        (lambda r: r.settings(SaleType), "must be a dataclass with SECTION"),
        (lambda r: r.route("hello", nothing), "must start with /"),
        (lambda r: r.schedule("shop.spin", timedelta(0), nothing), "more often than once a second"),
    ],
)
def test_misuse_is_refused_where_it_happens(
    registry: Registry, register: Callable[[Registry], None], problem: str
) -> None:
    with registry.owned_by(manifest("shop")), pytest.raises(RegistryError, match=problem):
        register(registry)


@pytest.mark.parametrize(
    "register",
    [
        lambda r: r.job("shop.print", nothing),
        lambda r: r.route("/x", nothing),
        lambda r: r.provide(Greeter, object()),
        lambda r: r.offer(Greeter, "loud", object()),
        lambda r: r.declare_hook("shop.opened"),
        lambda r: r.subscribe("shop.sold", "books", nothing),
    ],
)
def test_a_thing_is_registered_once(registry: Registry, register: Callable[[Registry], None]) -> None:
    with registry.owned_by(manifest("shop")):
        register(registry)

        with pytest.raises(RegistryError, match="already registered by shop"):
            register(registry)


def test_one_port_has_one_provider_and_says_who_it_is(registry: Registry) -> None:
    with registry.owned_by(manifest("shop")):
        registry.provide(Greeter, object())
    with (
        registry.owned_by(manifest("other")),
        pytest.raises(RegistryError, match=r"other: Greeter .* by shop"),
    ):
        registry.provide(Greeter, object())


def test_a_port_may_have_many_offers_by_name(registry: Registry) -> None:
    loud, shy = object(), object()
    with registry.owned_by(manifest("shop")):
        registry.offer(Greeter, "loud", loud)
    with registry.owned_by(manifest("other")):
        registry.offer(Greeter, "shy", shy)

    assert registry.offers(Greeter) == {"loud": loud, "shy": shy}
    assert registry.offers(ShopSettings) == {}


def test_a_missing_port_is_none_or_an_error(registry: Registry) -> None:
    assert registry.port_or_none(Greeter) is None
    with pytest.raises(RegistryError, match="no add-on provides Greeter"):
        registry.port(Greeter)


def test_broken_promises_are_all_told_when_loading_ends(registry: Registry) -> None:
    with registry.owned_by(manifest("shop", permissions=["shop.sell"], settings=["shop"])):
        registry.role("cashier", {"shop.give"})
        registry.contribute("Sale", "sho", object())
        registry.hook("shop.opend", nothing)
        registry.hook("absent.opened", nothing)

    with pytest.raises(RegistryError) as caught:
        registry.freeze()

    assert str(caught.value).splitlines() == [
        "shop: type Sale is not open to contributions",
        "shop: hook shop.opend is not declared by shop",
        "permission shop.sell belongs to no role",
        "a role gives permission shop.give, which no manifest declares",
        "shop: settings promised: shop; registered: none",
    ]


def test_a_field_is_contributed_only_where_the_addon_depends(registry: Registry) -> None:
    with registry.owned_by(manifest("shop")):
        registry.open_type(SaleType)
    with registry.owned_by(manifest("extra")):
        registry.contribute("Sale", "ext", object())

    with pytest.raises(RegistryError, match="extra: contributes to shop without depending on it"):
        registry.freeze()
