"""A manifest is read before anything of the add-on is imported; everything wrong with it is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.addons.manifest import ManifestError, Requirement, parse_manifest

GOOD = {
    "name": "hello",
    "short": "hi",
    "title": {"ru": "Привет", "kk": "Сәлем", "en": "Hello"},
    "version": "1.2",
    "kernel": ">=1,<2",
    "tables_prefix": "hi_",
    "depends": ["trade >=0.1,<2"],
    "permissions": {"hello.see": {"ru": "а", "kk": "ә", "en": "a"}},
}


def parse(**changes: object):
    return parse_manifest({**GOOD, **changes}, folder=Path("hello"), package="hello")


def test_a_good_manifest_becomes_typed_values() -> None:
    manifest = parse()

    assert manifest.name == "hello"
    assert manifest.depends_on == {"trade"}
    assert manifest.permissions["hello.see"]["kk"] == "ә"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"colour": "red"}, "colour: unknown key"),
        ({"name": "Hello"}, "name: 'Hello' does not match"),
        ({"title": {"ru": "Привет"}}, "title: must be a table with exactly ru, kk, en"),
        ({"version": "first"}, "version: 'first' is not a version"),
        ({"kernel": "new"}, "kernel: 'new' is not a version range"),
        ({"depends": ["trade >="]}, "depends: '>=' is not a version range"),
        ({"depends": ["hello"]}, "cannot depend on itself"),
        ({"depends": "trade"}, "depends: must be a list of strings"),
        ({"permissions": ["trade.sell"]}, "permissions: 'trade.sell' must look like hello.verb"),
    ],
)
def test_each_mistake_is_named(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parse(**changes)

    assert any(problem in line for line in caught.value.problems)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ManifestError) as caught:
        parse(colour="red", version="first", short="UP")

    assert len(caught.value.problems) == 3


def test_missing_keys_are_listed() -> None:
    with pytest.raises(ManifestError) as caught:
        parse_manifest({}, folder=Path("hello"), package="hello")

    assert [line.rpartition(" ")[2] for line in caught.value.problems] == ["missing"] * 6


def test_a_requirement_without_range_takes_any_version() -> None:
    requirement = Requirement.parse("trade")

    assert "0.0.1" in requirement.versions
    assert str(requirement) == "trade"
