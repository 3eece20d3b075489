"""Finding add-ons: folders on a path and the entry-point group `sauda.addons`. Imports nothing of them.

Order, versions and loading do not belong here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import PathFinder
from importlib.metadata import entry_points
from pathlib import Path

from kernel.addons.manifest import MANIFEST_NAME, Manifest, ManifestError, read_manifest

ENTRY_POINT_GROUP = "sauda.addons"
PATH_VARIABLE = "SAUDA_ADDONS_PATH"
HOUSE_PACKAGE = "addons"  # our own add-ons live in this package


def addon_folders(environ: dict[str, str] | None = None) -> tuple[Path, ...]:
    """Folders whose children are add-ons: SAUDA_ADDONS_PATH (separated as PATH is), else the `addons` package
    itself.

    The `addons` package is always searched, so a path only ever adds.
    """
    text = (os.environ if environ is None else environ).get(PATH_VARIABLE, "")
    house = Path(__file__).resolve().parents[2] / HOUSE_PACKAGE
    listed = [Path(part).resolve() for part in text.split(os.pathsep) if part]
    return tuple(dict.fromkeys([house, *listed]))


def discover(folders: Sequence[Path] | None = None) -> dict[str, Manifest]:
    """All add-ons that can be found, by name. Raises ManifestError listing every wrong manifest and every
    name met twice.

    A folder that is not the `addons` package becomes importable by its children's own names.
    """
    found: dict[str, Manifest] = {}
    problems: list[str] = []
    for folder, package in [
        *_in_folders(addon_folders() if folders is None else folders),
        *_in_entry_points(problems),
    ]:
        try:
            manifest = read_manifest(folder, package)
        except ManifestError as error:
            problems += error.problems
            continue
        known = found.setdefault(manifest.name, manifest)
        if known.folder != manifest.folder:
            problems.append(f"{manifest.name}: found twice, in {known.folder} and in {manifest.folder}")
    if problems:
        raise ManifestError(problems)
    return found


def make_importable(manifest: Manifest) -> None:
    """Put the parent of an add-on outside the `addons` package on the import path, once."""
    if "." in manifest.package or PathFinder.find_spec(manifest.package) is not None:
        return
    sys.path.append(str(manifest.folder.parent))


def _in_folders(folders: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for parent in folders:
        if not parent.is_dir():
            raise ManifestError([f"{parent}: no such folder ({PATH_VARIABLE})"])
        is_house = (parent / "__init__.py").exists() and parent.name == HOUSE_PACKAGE
        for manifest in sorted(parent.glob(f"*/{MANIFEST_NAME}")):
            folder = manifest.parent
            yield folder, f"{HOUSE_PACKAGE}.{folder.name}" if is_house else folder.name


def _in_entry_points(problems: list[str]) -> Iterator[tuple[Path, str]]:
    """Each entry point names a package: `hello = "sauda_hello"`. Only its top folder is located, nothing is
    run."""
    for point in entry_points(group=ENTRY_POINT_GROUP):
        folder = _locate(point.value)
        if folder is None:
            problems.append(
                f"{point.name}: entry point names {point.value!r}, which is not a package on this machine"
            )
        elif not (folder / MANIFEST_NAME).exists():
            problems.append(f"{point.name}: {folder} has no {MANIFEST_NAME}")
        else:
            yield folder, point.value


def _locate(package: str) -> Path | None:
    """Folder of a package found without importing its parents."""
    search: Sequence[str] | None = None
    for end in range(1, package.count(".") + 2):
        spec = PathFinder.find_spec(".".join(package.split(".")[:end]), search)
        if spec is None or not spec.submodule_search_locations:
            return None
        search = list(spec.submodule_search_locations)
    return Path(search[0]).resolve() if search else None
