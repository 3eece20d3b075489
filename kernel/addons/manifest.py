"""The identity and promises of an add-on, read from `addon.toml` before anything of it is imported.

Finding manifests and putting them in order does not belong here (see discovery and graph).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from kernel.errors import SetupFault

MANIFEST_NAME = "addon.toml"
LANGUAGES = ("ru", "kk", "en")

_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")
_SHORT = re.compile(r"[a-z][a-z0-9]{1,15}")
_PREFIX = re.compile(r"[a-z][a-z0-9]{0,10}_")
_PERMISSION = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_REQUIREMENT = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(.*)")
_REQUIRED = ("name", "short", "title", "version", "kernel", "tables_prefix")
_OPTIONAL = ("depends", "after", "conflicts", "provides", "permissions", "settings", "owners")


class ManifestError(SetupFault):
    """One or more manifests are wrong; the message lists every problem found."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """Another add-on by name, with the range of versions that will do (empty range: any)."""

    name: str
    versions: SpecifierSet

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """Read "trade" or "trade >=1,<2". Raises ValueError."""
        match = _REQUIREMENT.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a name with an optional version range")
        try:
            return cls(match[1], SpecifierSet(match[2], prereleases=True))
        except InvalidSpecifier as error:
            raise ValueError(f"{match[2]!r} is not a version range") from error

    def __str__(self) -> str:
        return f"{self.name} {self.versions}".rstrip()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an add-on says about itself.

    folder: where its files are; package: the Python package it is imported as; after: soft order, the name
    may be absent. permissions: name → title by language (empty titles when only names were listed).
    """

    name: str
    short: str
    title: Mapping[str, str]
    version: Version
    kernel: SpecifierSet
    tables_prefix: str
    folder: Path
    package: str
    depends: tuple[Requirement, ...] = ()
    after: tuple[str, ...] = ()
    conflicts: tuple[Requirement, ...] = ()
    provides: tuple[str, ...] = ()
    permissions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    @property
    def depends_on(self) -> frozenset[str]:
        """Names this add-on may import the door of."""
        return frozenset(requirement.name for requirement in self.depends)


def read_manifest(folder: Path, package: str) -> Manifest:
    """The manifest of the add-on in that folder. Raises ManifestError with all its problems at once."""
    path = folder / MANIFEST_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError([f"{path}: {error}"]) from error
    return parse_manifest(table, folder=folder, package=package)


def parse_manifest(table: Mapping[str, Any], *, folder: Path, package: str) -> Manifest:
    """A typed manifest out of a TOML table. Raises ManifestError with all problems at once."""
    reader = _Reader(table)
    reader.known(_REQUIRED, _OPTIONAL)
    name = reader.text("name", _NAME)
    manifest = Manifest(
        name=name,
        short=reader.text("short", _SHORT),
        title=reader.title("title"),
        version=reader.version("version"),
        kernel=reader.specifier("kernel"),
        tables_prefix=reader.text("tables_prefix", _PREFIX),
        folder=folder,
        package=package,
        depends=reader.requirements("depends"),
        after=reader.texts("after", _NAME),
        conflicts=reader.requirements("conflicts"),
        provides=reader.texts("provides"),
        permissions=reader.permissions("permissions", name),
        settings=reader.texts("settings", _NAME),
        owners=reader.texts("owners"),
    )
    if name in manifest.depends_on:
        reader.problems.append("depends: an add-on cannot depend on itself")
    if reader.problems:
        raise ManifestError([f"{folder / MANIFEST_NAME}: {problem}" for problem in reader.problems])
    return manifest


class _Reader:
    """Reads typed values and remembers every problem instead of stopping at the first."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = table
        self.problems: list[str] = []

    def known(self, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        for key in sorted(set(self.table) - set(required) - set(optional)):
            self.problems.append(f"{key}: unknown key (known: {', '.join(required + optional)})")
        for key in required:
            if key not in self.table:
                self.problems.append(f"{key}: missing")

    def text(self, key: str, pattern: re.Pattern[str]) -> str:
        value = self.table.get(key, "")
        if key in self.table and not (isinstance(value, str) and pattern.fullmatch(value)):
            self.problems.append(f"{key}: {value!r} does not match {pattern.pattern}")
        return str(value)

    def texts(self, key: str, pattern: re.Pattern[str] | None = None) -> tuple[str, ...]:
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.problems.append(f"{key}: must be a list of strings")
            return ()
        for item in value:
            if pattern is not None and not pattern.fullmatch(item):
                self.problems.append(f"{key}: {item!r} does not match {pattern.pattern}")
        return tuple(value)

    def requirements(self, key: str) -> tuple[Requirement, ...]:
        found = []
        for text in self.texts(key):
            try:
                found.append(Requirement.parse(text))
            except ValueError as error:
                self.problems.append(f"{key}: {error}")
        return tuple(found)

    def title(self, key: str) -> Mapping[str, str]:
        value = self.table.get(key, {})
        if key in self.table and not (
            isinstance(value, dict)
            and set(value) == set(LANGUAGES)
            and all(isinstance(t, str) for t in value.values())
        ):
            self.problems.append(f"{key}: must be a table with exactly {', '.join(LANGUAGES)}")
            return {}
        return dict(value)

    def permissions(self, key: str, addon: str) -> Mapping[str, Mapping[str, str]]:
        value = self.table.get(key, [])
        if isinstance(value, list):
            value = {name: {} for name in self.texts(key)}
        if not isinstance(value, dict):
            self.problems.append(f"{key}: must be a list of names or a table of titles")
            return {}
        for permission, titles in value.items():
            if not _PERMISSION.fullmatch(permission) or not permission.startswith(f"{addon}."):
                self.problems.append(f"{key}: {permission!r} must look like {addon}.verb")
            if titles and (not isinstance(titles, dict) or set(titles) != set(LANGUAGES)):
                self.problems.append(
                    f"{key}.{permission}: must be a table with exactly {', '.join(LANGUAGES)}"
                )
        return value

    def version(self, key: str) -> Version:
        try:
            return Version(str(self.table.get(key, "0")))
        except InvalidVersion:
            self.problems.append(f"{key}: {self.table[key]!r} is not a version")
            return Version("0")

    def specifier(self, key: str) -> SpecifierSet:
        try:
            return SpecifierSet(str(self.table.get(key, "")), prereleases=True)
        except InvalidSpecifier:
            self.problems.append(f"{key}: {self.table[key]!r} is not a version range")
            return SpecifierSet()
