"""Configuration: defaults < file < environment, typed, with the source of every value.

A company's own choices come after that and need the database: kernel.company_settings. Names nobody declared
are errors, all of them told at once. Secrets never print.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_type_hints

from kernel.config_sections import (
    KERNEL_SECTIONS,
    BusSettings,
    DatabaseSettings,
    LogFormat,
    LogSettings,
    SecuritySettings,
    ServerSettings,
    WorkerSettings,
)
from kernel.config_values import Secret, parse_value, show_value, without_password
from kernel.errors import SetupFault

if TYPE_CHECKING:
    from kernel.addons.registry import Registry

PREFIX = "SAUDA_"
FILE_VARIABLE = "SAUDA_CONFIG"
DEFAULT_FILE = "sauda.toml"
# Variables that are not settings: they choose the set of add-ons, the file, or steer tests.
OTHER_VARIABLES = frozenset({"SAUDA_ADDONS_PATH", FILE_VARIABLE, "SAUDA_SCALE", "SAUDA_CRASH_AT"})
OTHER_PREFIXES = ("SAUDA_TEST_", "SAUDA_BENCH_", "SAUDA_AGENT_")

Section = TypeVar("Section")


class ConfigError(SetupFault):
    """The configuration cannot be used; `problems` has one line per reason, all of them."""


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """One setting as people see it. text never holds a secret."""

    section: str
    name: str
    text: str
    source: str  # "default", "file <path>" or "environment SAUDA_…"
    is_secret: bool


class Config:
    """Typed values of every section of the kernel and of the loaded add-ons."""

    def __init__(self, values: Mapping[type, object], shown: list[ConfigValue]) -> None:
        self.values = dict(values)
        self.shown = shown

    def section(self, section: type[Section]) -> Section:
        """Values of one section. Raises ConfigError when nobody declared it."""
        if section not in self.values:
            raise ConfigError([f"settings {section.__name__} were not loaded"])
        return cast(Section, self.values[section])


@dataclass(frozen=True, slots=True)
class Sources:
    """What the file and the environment say, before anybody knows what it means."""

    file: Mapping[str, Any]
    file_name: str
    environ: Mapping[str, str]


def read_sources(environ: Mapping[str, str] | None = None, file: Path | None = None) -> Sources:
    """Read the file and the environment. Raises ConfigError for a missing named file or broken TOML."""
    environ = dict(os.environ if environ is None else environ)
    named = file or (Path(environ[FILE_VARIABLE]) if environ.get(FILE_VARIABLE) else None)
    path = named or Path(DEFAULT_FILE)
    if not path.exists():
        if named is not None:
            raise ConfigError([f"{path}: no such file ({FILE_VARIABLE})"])
        return Sources({}, "", environ)
    try:
        return Sources(tomllib.loads(path.read_text(encoding="utf-8")), str(path), environ)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError([f"{path}: {error}"]) from error


def load_config(registry: Registry | None = None, sources: Sources | None = None) -> Config:
    """Settings of the kernel and of the registry's add-ons.

    Raises ConfigError listing every unknown name and every value of a wrong type. Sections of add-ons that
    are found but not loaded are left alone.
    """
    sources = sources or read_sources()
    sections = {_name_of(section): section for section in KERNEL_SECTIONS}
    if registry is not None:
        sections |= {name: each.thing for name, each in registry.settings_sections.items()}
    problems = _unknown(sources, sections)
    values: dict[type, object] = {}
    shown: list[ConfigValue] = []
    for name, section in sections.items():
        reader = _SectionReader(name, section, sources)
        value = reader.read()
        problems += reader.problems
        shown += reader.shown
        if value is not None:
            values[section] = value
    if problems:
        raise ConfigError(problems)
    return Config(values, shown)


def kernel_section(section: type[Section], sources: Sources | None = None) -> Section:
    """One section of the kernel before the add-ons are known (which database holds the list of add-ons?)."""
    reader = _SectionReader(_name_of(section), section, sources or read_sources())
    value = reader.read()
    if value is None:
        raise ConfigError(reader.problems)
    return cast(Section, value)


class _SectionReader:
    """Reads one section and remembers every problem and every value with its source."""

    def __init__(self, name: str, section: type, sources: Sources) -> None:
        self.name = name
        self.section = section
        self.sources = sources
        self.problems: list[str] = []
        self.shown: list[ConfigValue] = []

    def read(self) -> object | None:
        """The section's dataclass; None when there are problems."""
        assert is_dataclass(self.section)
        kinds = get_type_hints(self.section)
        given: dict[str, object] = {}
        for each in fields(self.section):
            found = self._raw(each.name)
            if found is None:
                continue
            raw, source = found
            try:
                given[each.name] = parse_value(kinds[each.name], raw)
            except ValueError as error:
                hidden = kinds[each.name] is Secret
                self.problems.append(
                    f"{self.name}.{each.name} ({source}): {'not a text' if hidden else error}"
                )
        if self.problems:
            return None
        try:
            value = self.section(**given)
        except (TypeError, ValueError) as error:
            self.problems.append(f"{self.name}: {error}")
            return None
        for each in fields(self.section):
            found = self._raw(each.name)
            text, is_secret = show_value(getattr(value, each.name)), kinds[each.name] is Secret
            source = "default" if found is None else found[1]
            self.shown.append(ConfigValue(self.name, each.name, without_password(text), source, is_secret))
        return value

    def _raw(self, name: str) -> tuple[object, str] | None:
        variable = variable_of(self.name, name)
        if variable in self.sources.environ:
            return self.sources.environ[variable], f"environment {variable}"
        table = self.sources.file.get(self.name)
        if isinstance(table, dict) and name in table:
            return table[name], f"file {self.sources.file_name}"
        return None


def variable_of(section: str, name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{section}__{name}".upper()


def _name_of(section: type) -> str:
    name: str = section.SECTION  # type: ignore[attr-defined]
    return name


def _unknown(sources: Sources, sections: Mapping[str, type]) -> list[str]:
    known = {variable_of(name, each.name) for name, section in sections.items() for each in fields(section)}
    variables = [
        name
        for name in sorted(sources.environ)
        if name.startswith(PREFIX)
        and name not in known | OTHER_VARIABLES
        and not name.startswith(OTHER_PREFIXES)
    ]
    keys: list[tuple[str, str]] = []
    for section, table in sources.file.items():
        if section not in sections:
            keys.append((section, section))
        elif not isinstance(table, dict):
            keys.append((section, f"{section} (a table [{section}] is expected)"))
        else:
            names = {each.name for each in fields(sections[section])}
            keys += [(section, f"{section}.{name}") for name in table if name not in names]
    if not variables and not keys:
        return []
    absent = _absent_sections() - set(sections)
    prefixes = tuple(variable_of(section, "") for section in absent)
    return [
        *(
            f"{text}: unknown setting in {sources.file_name}"
            for section, text in keys
            if section not in absent
        ),
        *(
            f"{name}: unknown setting in the environment"
            for name in variables
            if not name.startswith(prefixes)
        ),
    ]


def _absent_sections() -> set[str]:
    """Sections promised by add-ons that are on this machine, loaded or not."""
    from kernel.addons.discovery import discover  # only needed when something looks wrong

    return {section for manifest in discover().values() for section in manifest.settings}


__all__ = [
    "BusSettings",
    "Config",
    "ConfigError",
    "ConfigValue",
    "DatabaseSettings",
    "LogFormat",
    "LogSettings",
    "Secret",
    "SecuritySettings",
    "ServerSettings",
    "Sources",
    "WorkerSettings",
    "kernel_section",
    "load_config",
    "read_sources",
    "variable_of",
]
