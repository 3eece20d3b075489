"""Loading: import each add-on's `addon.py` in order and let it register, then freeze.

Which add-ons and in which order is decided before (graph); whether they are installed, in lifecycle.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Sequence
from itertools import chain
from pathlib import Path

from kernel.addons.discovery import discover, make_importable
from kernel.addons.entries import RegistryError
from kernel.addons.graph import select
from kernel.addons.manifest import Manifest
from kernel.addons.registry import Registry
from kernel.garbage import paused
from kernel.i18n import texts


def load(manifests: Sequence[Manifest]) -> Registry:
    """A frozen registry with everything these add-ons bring, in the order given.

    Raises RegistryError when an add-on has no addon.py with register(registry) or breaks a rule of the
    registry.
    """
    registry = Registry()
    with paused():
        for manifest in manifests:
            _register(registry, manifest)
        for module in chain.from_iterable(registry.model_modules.values()):
            importlib.import_module(module)
    registry.freeze()
    return registry


def _register(registry: Registry, manifest: Manifest) -> None:
    make_importable(manifest)
    try:
        module = importlib.import_module(f"{manifest.package}.addon")
    except ImportError as error:
        raise RegistryError(f"{manifest.name}: cannot be imported: {error}") from error
    register = getattr(module, "register", None)
    if not callable(register):
        raise RegistryError(f"{manifest.name}: {module.__name__} has no register(registry)")
    with registry.owned_by(manifest):
        register(registry)
    texts().add(manifest.folder / "locale")


def load_addons(wanted: Collection[str] | None = None, folders: Sequence[Path] | None = None) -> Registry:
    """Discover, order and load: all add-ons, or the wanted ones with what they depend on."""
    return load(select(discover(folders), wanted))
