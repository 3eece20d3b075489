"""Finding add-ons and putting them in order: every reason against a set is told, a cycle as its path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kernel.addons.discovery import discover
from kernel.addons.graph import AddonSetError, dependents, select
from kernel.addons.manifest import ManifestError
from tests.kernel.addon_factory import write_addon


def test_dependencies_come_first_and_ties_by_name(tmp_path: Path) -> None:
    write_addon(tmp_path, "shop", depends=["goods", "firm"])
    write_addon(tmp_path, "goods", depends=["firm"])
    write_addon(tmp_path, "firm")
    write_addon(tmp_path, "alpha")

    order = [manifest.name for manifest in select(discover([tmp_path]))]

    assert order == ["alpha", "firm", "goods", "shop"]


def test_finding_imports_nothing(tmp_path: Path) -> None:
    write_addon(tmp_path, "explosive", register="raise SystemExit")
    (tmp_path / "explosive" / "__init__.py").write_text("raise SystemExit")

    found = discover([tmp_path])

    assert list(found) == ["explosive"]
    assert "explosive" not in sys.modules


def test_only_wanted_addons_with_their_dependencies_are_chosen(tmp_path: Path) -> None:
    write_addon(tmp_path, "firm")
    write_addon(tmp_path, "goods", depends=["firm"])
    write_addon(tmp_path, "other")

    assert [m.name for m in select(discover([tmp_path]), ["goods"])] == ["firm", "goods"]


def test_all_missing_names_are_listed_in_one_error(tmp_path: Path) -> None:
    write_addon(tmp_path, "shop", depends=["goods", "firm"])
    write_addon(tmp_path, "till", depends=["bank"])

    with pytest.raises(AddonSetError) as caught:
        select(discover([tmp_path]))

    assert caught.value.problems == [
        "shop: depends on goods, which is missing",
        "shop: depends on firm, which is missing",
        "till: depends on bank, which is missing",
    ]


def test_a_cycle_is_shown_as_its_path(tmp_path: Path) -> None:
    write_addon(tmp_path, "a1", depends=["b1"])
    write_addon(tmp_path, "b1", depends=["c1"])
    write_addon(tmp_path, "c1", depends=["a1"])

    with pytest.raises(AddonSetError) as caught:
        select(discover([tmp_path]))

    path = caught.value.problems[0].rpartition(": ")[2].split(" → ")
    assert len(path) == 4
    assert path[0] == path[-1]
    assert set(path) == {"a1", "b1", "c1"}


def test_a_dependency_of_a_wrong_version_is_refused(tmp_path: Path) -> None:
    write_addon(tmp_path, "firm", version="2.1")
    write_addon(tmp_path, "goods", depends=["firm >=1,<2"])

    with pytest.raises(AddonSetError, match=r"goods: needs firm <2,>=1, found 2.1"):
        select(discover([tmp_path]))


def test_a_conflict_is_refused_only_when_both_are_chosen(tmp_path: Path) -> None:
    write_addon(tmp_path, "old_bank")
    write_addon(tmp_path, "new_bank", conflicts=["old_bank"])
    available = discover([tmp_path])

    assert [m.name for m in select(available, ["new_bank"])] == ["new_bank"]
    with pytest.raises(AddonSetError, match="new_bank: conflicts with old_bank"):
        select(available)


def test_a_soft_order_is_kept_when_both_are_here(tmp_path: Path) -> None:
    write_addon(tmp_path, "early", after=["late", "absent"])
    write_addon(tmp_path, "late")

    assert [m.name for m in select(discover([tmp_path]))] == ["late", "early"]


def test_two_addons_may_not_share_a_short_name_or_table_prefix(tmp_path: Path) -> None:
    write_addon(tmp_path, "one1", short="same")
    write_addon(tmp_path, "two2", short="same")

    with pytest.raises(AddonSetError) as caught:
        select(discover([tmp_path]))

    assert len(caught.value.problems) == 2


def test_one_name_in_two_places_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "left").mkdir()
    (tmp_path / "right").mkdir()
    write_addon(tmp_path / "left", "twin")
    write_addon(tmp_path / "right", "twin")

    with pytest.raises(ManifestError, match="twin: found twice"):
        discover([tmp_path / "left", tmp_path / "right"])


def test_dependents_are_found_through_others(tmp_path: Path) -> None:
    write_addon(tmp_path, "firm")
    write_addon(tmp_path, "goods", depends=["firm"])
    write_addon(tmp_path, "shop", depends=["goods"])

    assert dependents(discover([tmp_path]), "firm") == ["goods", "shop"]
