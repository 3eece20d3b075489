"""Settings: defaults < file < environment, every value with its source, every unknown name an error, no
secret shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import pytest

from kernel.addons.registry import Registry
from kernel.config import (
    Config,
    ConfigError,
    DatabaseSettings,
    Secret,
    ServerSettings,
    Sources,
    load_config,
    read_sources,
)
from kernel.config_values import parse_value
from tests.kernel.test_registry import manifest


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class PaintSettings:
    SECTION: ClassVar[str] = "paint"

    colour: Colour = Colour.RED
    dry_ms: timedelta = timedelta(seconds=5)
    coats: int = 2
    is_glossy: bool = False
    pass_phrase: Secret = Secret("")
    walls: tuple[str, ...] = ()


def read(file: dict[str, Any] | None = None, **environ: str) -> Config:
    registry = Registry()
    with registry.owned_by(manifest("paint", settings=["paint"])):
        registry.settings(PaintSettings)
    registry.freeze()
    return load_config(registry, Sources(file or {}, "sauda.toml", environ))


def test_a_default_stands_until_something_says_otherwise() -> None:
    assert read().section(DatabaseSettings).url == "sqlite:///var/sauda.db"


def test_the_environment_beats_the_file_and_the_file_beats_the_default() -> None:
    file = {"server": {"port": 9000, "host": "0.0.0.0"}}

    server = read(file, SAUDA_SERVER__PORT="9001").section(ServerSettings)

    assert (server.host, server.port) == ("0.0.0.0", 9001)


def test_every_value_knows_where_it_comes_from() -> None:
    shown = read({"paint": {"coats": 3}}, SAUDA_PAINT__COLOUR="blue").shown

    sources = {each.name: each.source for each in shown if each.section == "paint"}
    assert sources["colour"] == "environment SAUDA_PAINT__COLOUR"
    assert sources["coats"] == "file sauda.toml"
    assert sources["dry_ms"] == "default"


def test_values_get_the_declared_types() -> None:
    paint = read(
        {"paint": {"walls": ["north", "south"]}},
        SAUDA_PAINT__COLOUR="blue",
        SAUDA_PAINT__DRY_MS="1500",
        SAUDA_PAINT__IS_GLOSSY="yes",
    ).section(PaintSettings)

    assert paint.colour is Colour.BLUE
    assert paint.dry_ms == timedelta(milliseconds=1500)
    assert paint.is_glossy is True
    assert paint.walls == ("north", "south")


def test_all_unknown_names_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read({"paint": {"colr": "red"}, "pant": {"x": 1}}, SAUDA_PAINT__COAT="1", SAUDA_DATABSE__URL="x")

    assert caught.value.problems == [
        "paint.colr: unknown setting in sauda.toml",
        "pant: unknown setting in sauda.toml",
        "SAUDA_DATABSE__URL: unknown setting in the environment",
        "SAUDA_PAINT__COAT: unknown setting in the environment",
    ]


def test_wrong_values_are_told_with_their_source() -> None:
    with pytest.raises(ConfigError) as caught:
        read({"paint": {"coats": "many"}}, SAUDA_PAINT__COLOUR="green")

    assert len(caught.value.problems) == 2
    assert any("paint.coats (file sauda.toml)" in problem for problem in caught.value.problems)


@pytest.mark.parametrize(
    "name", ["SAUDA_SCALE", "SAUDA_TEST_ANYTHING", "SAUDA_ADDONS_PATH", "SAUDA_CRASH_AT"]
)
def test_variables_that_are_no_settings_are_let_through(name: str) -> None:
    assert read(**{name: "x"})


def test_settings_of_an_addon_that_is_here_but_not_loaded_are_left_alone() -> None:
    config = load_config(None, Sources({"catalog": {"anything": 1}}, "sauda.toml", {}))

    assert not [name for name in config.values if "catalog" in str(name).lower()]


def test_a_secret_is_never_shown() -> None:
    config = read(SAUDA_PAINT__PASS_PHRASE="open sesame")

    phrase = config.section(PaintSettings).pass_phrase
    assert phrase.reveal() == "open sesame"
    everything = f"{phrase} {phrase!r} {config.values} {config.shown} {config.section(PaintSettings)}"
    assert "sesame" not in everything


def test_a_wrong_secret_is_not_quoted_in_the_error() -> None:
    with pytest.raises(ConfigError) as caught:
        read({"paint": {"pass_phrase": 20262026}})

    assert "2026" not in str(caught.value)


def test_the_password_of_a_database_is_not_shown() -> None:
    config = read(SAUDA_DATABASE__URL="mysql://sauda:sesame@db/sauda")

    url = next(each.text for each in config.shown if each.section == "database")
    assert url == "mysql://sauda:***@db/sauda"


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_sources({"SAUDA_CONFIG": str(tmp_path / "gone.toml")})


def test_the_file_is_read_from_where_the_variable_says(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[server]\nport = 7\n")

    assert read_sources({"SAUDA_CONFIG": str(path)}).file == {"server": {"port": 7}}


@pytest.mark.parametrize(
    ("kind", "raw"), [(int, True), (int, "1.5"), (bool, "maybe"), (str, 5), (Colour, "pink")]
)
def test_a_value_of_another_type_is_refused(kind: type, raw: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_value(kind, raw)
