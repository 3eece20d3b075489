"""Signing this installation and checking it.

The manifest `sauda.build.json` is canonical JSON: {"files": {name: SHA-256}, "format", "made_ms", "version"},
names in the order of their UTF-8 bytes. `sauda.build.sig` holds the base64 of an Ed25519 signature over the
manifest's bytes exactly as they lie there, so that openssl can check it without us. Who may sign is pinned in
the configuration (`build.public_key`), outside of what is signed.
"""

from __future__ import annotations

import base64
import binascii
import importlib.util
import os
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import orjson

from kernel.config import Config, kernel_section
from kernel.config_sections import BuildSettings, CoreSettings, WebSettings
from kernel.errors import SetupFault
from kernel.journal.canonical import canonical_json
from kernel.signature.bytecode import foreign_bytecode
from kernel.signature.contents import HOUSE, HOUSE_FOLDERS, Contents, contents, roots
from kernel.signature.keys import PublicKey, SigningKey

FORMAT = "sauda-build-1"
MANIFEST_NAME = "sauda.build.json"
SIGNATURE_SUFFIX = ".sig"
TOLD_MAX = 10  # problems named at a start; `sauda build verify` names all


class Wrong(StrEnum):
    """What is wrong with a file of the software."""

    ALTERED = "altered"
    ADDED = "added"
    MISSING = "missing"
    ODD = "not a plain file"
    BYTECODE = "cached bytecode is not of this source"
    SHADOWED = "another package of this name would be loaded"


@dataclass(frozen=True, slots=True)
class Problem:
    """One file and what is wrong with it."""

    wrong: Wrong
    name: str

    def __str__(self) -> str:
        return f"{self.name}: {self.wrong.value}"


@dataclass(frozen=True, slots=True)
class BuildVerdict:
    """Whether the software is what somebody trusted signed.

    unsigned: why there is nothing to compare with (no key pinned, no manifest, another's signature); files:
    how many are signed; key: name of the pinned key that signed.
    """

    problems: tuple[Problem, ...] = ()
    unsigned: str = ""
    files: int = 0
    key: str = ""
    version: str = ""

    @property
    def is_good(self) -> bool:
        """True when every file is as it was signed, and no other is there."""
        return not self.unsigned and not self.problems

    def lines(self, limit: int | None = None) -> list[str]:
        """What is wrong, a line each; the rest of many is counted."""
        found = [self.unsigned] if self.unsigned else [str(each) for each in self.problems]
        if limit is None or len(found) <= limit:
            return found
        return [*found[:limit], f"and {len(found) - limit} more: sauda build verify"]


def manifest_path(settings: BuildSettings) -> Path:
    """Where the manifest lies: beside our packages when nothing is set."""
    return Path(settings.manifest) if settings.manifest else HOUSE / MANIFEST_NAME


def sign_build(
    key: SigningKey, path: Path, *, themes_path: str, version: str, now_ms: int, house: Path = HOUSE
) -> int:
    """Write manifest and signature; number of files. Raises SetupFault for what cannot be signed."""
    found = contents(roots(themes_path, house=house), house=house)
    problems = [*_odd(found), *_bytecode(found)]
    if problems:
        raise SetupFault([str(each) for each in problems])
    files = found.digests()
    text = canonical_json({"format": FORMAT, "version": version, "made_ms": now_ms, "files": files}).encode()
    _write(path, text)
    _write(signature_path(path), base64.b64encode(key.sign(text)) + b"\n")
    return len(files)


def signature_path(manifest: Path) -> Path:
    """Where the signature of that manifest lies."""
    return manifest.with_name(manifest.name + SIGNATURE_SUFFIX)


def verify_build(settings: BuildSettings, *, themes_path: str = "", house: Path = HOUSE) -> BuildVerdict:
    """Compare every file with the signed manifest. Blocking: about a second for a whole installation.

    Raises SetupFault for a pinned key that is not one.
    """
    keys = [PublicKey.parse(text) for text in settings.public_key]
    if not keys:
        return BuildVerdict(unsigned="no public key is pinned: set build.public_key")
    path = manifest_path(settings)
    try:
        text = path.read_bytes()
        signature = base64.b64decode(signature_path(path).read_bytes().strip(), validate=True)
    except OSError as error:
        return BuildVerdict(unsigned=f"{error.filename}: {os.strerror(error.errno or 0).lower()}")
    except binascii.Error:
        return BuildVerdict(unsigned=f"{signature_path(path)}: not base64")
    signer = next((each for each in keys if each.is_signed(signature, text)), None)
    if signer is None:
        return BuildVerdict(unsigned=f"{path} is not signed by a pinned key")
    manifest = orjson.loads(text)
    if manifest.get("format") != FORMAT:
        return BuildVerdict(unsigned=f"{path}: format {manifest.get('format')!r} is unknown")
    signed: dict[str, str] = manifest["files"]
    found = contents(roots(themes_path, house=house), house=house)
    problems = (*_compared(found, signed), *_odd(found), *_bytecode(found), *_shadowed(house))
    return BuildVerdict(problems, "", len(signed), signer.name, manifest["version"])


@lru_cache(maxsize=4)
def build_at_start(settings: BuildSettings, themes_path: str) -> BuildVerdict:
    """The verdict when this process first asked; files that change under a running process change nothing in
    it. Blocking the first time.
    """
    return verify_build(settings, themes_path=themes_path)


def demand_signed(config: Config | None = None) -> None:
    """In production: raises SetupFault unless the software is what was signed. Else nothing.

    config None: the settings of this machine, before anything of an add-on is imported.
    """
    section = kernel_section if config is None else config.section
    if not section(CoreSettings).production:
        return
    verdict = build_at_start(section(BuildSettings), section(WebSettings).themes_path)
    if not verdict.is_good:
        head = "core.production: the software is not as it was signed; nothing is started"
        raise SetupFault([head, *verdict.lines(TOLD_MAX)])


def _compared(found: Contents, signed: dict[str, str]) -> list[Problem]:
    digests = found.digests()
    problems = []
    for name in sorted(digests.keys() | signed.keys()):
        if name not in digests:
            problems.append(Problem(Wrong.MISSING, name))
        elif name not in signed:
            problems.append(Problem(Wrong.ADDED, name))
        elif digests[name] != signed[name]:
            problems.append(Problem(Wrong.ALTERED, name))
    return problems


def _odd(found: Contents) -> list[Problem]:
    return [Problem(Wrong.ODD, name) for name in sorted(found.odd)]


def _bytecode(found: Contents) -> list[Problem]:
    return [Problem(Wrong.BYTECODE, name) for name in foreign_bytecode(found.paths)]


def _shadowed(house: Path) -> list[Problem]:
    """A package of the same name, earlier on the import path, would run unsigned."""
    if house != HOUSE:  # another installation is looked at
        return []
    problems = []
    for name in HOUSE_FOLDERS:
        if not (house / name / "__init__.py").exists():
            continue
        spec = importlib.util.find_spec(name)
        places = [] if spec is None else list(spec.submodule_search_locations or ())
        if [Path(place).resolve() for place in places] != [house / name]:
            problems.append(Problem(Wrong.SHADOWED, name))
    return problems


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.write_bytes(data)
    draft.replace(path)
