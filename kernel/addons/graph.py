"""The order add-ons are loaded in, and every reason why a set of them cannot be loaded.

Reading manifests does not belong here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

from packaging.version import Version

from kernel.addons.manifest import Manifest
from kernel.errors import SetupFault

KERNEL_VERSION = Version("1.0")


class AddonSetError(SetupFault):
    """The chosen add-ons do not fit together; `problems` has one line per reason, all of them."""


def select(available: Mapping[str, Manifest], wanted: Collection[str] | None = None) -> list[Manifest]:
    """The wanted add-ons (all when None) with everything they depend on, dependencies first, ties by name.

    Raises AddonSetError with all missing names, wrong versions, conflicts and shared names at once, or a
    cycle as its path.
    """
    names = set(available if wanted is None else wanted)
    problems = [f"{name}: no such add-on" for name in sorted(names - set(available))]
    chosen = _closure(available, names & set(available))
    for name in sorted(chosen):
        problems += _problems_of(chosen[name], available, chosen)
    problems += _clashes(chosen)
    if problems:
        raise AddonSetError(problems)
    return _ordered(chosen)


def dependents(available: Mapping[str, Manifest], name: str) -> list[str]:
    """Names of the add-ons that need this one, directly or through others."""
    found: set[str] = set()
    while more := {m.name for m in available.values() if m.depends_on & {name, *found}} - found:
        found |= more
    return sorted(found)


def _closure(available: Mapping[str, Manifest], names: set[str]) -> dict[str, Manifest]:
    chosen: dict[str, Manifest] = {}
    waiting = sorted(names)
    while waiting:  # every pass takes one name that was never taken before
        name = waiting.pop()
        if name not in chosen and name in available:
            chosen[name] = available[name]
            waiting.extend(available[name].depends_on)
    return chosen


def _problems_of(
    manifest: Manifest, available: Mapping[str, Manifest], chosen: Mapping[str, Manifest]
) -> list[str]:
    problems = []
    if KERNEL_VERSION not in manifest.kernel:
        problems.append(f"{manifest.name}: needs kernel {manifest.kernel}, this is {KERNEL_VERSION}")
    for need in manifest.depends:
        if need.name not in available:
            problems.append(f"{manifest.name}: depends on {need.name}, which is missing")
        elif available[need.name].version not in need.versions:
            problems.append(f"{manifest.name}: needs {need}, found {available[need.name].version}")
    for foe in manifest.conflicts:
        if foe.name in chosen and chosen[foe.name].version in foe.versions:
            problems.append(f"{manifest.name}: conflicts with {foe}, which is chosen too")
    return problems


def _clashes(chosen: Mapping[str, Manifest]) -> list[str]:
    """Shorts and table prefixes name fields and tables, so two add-ons may not share one."""
    problems = []
    for attribute in ("short", "tables_prefix"):
        owners: dict[str, str] = {"kernel_": "the kernel"} if attribute == "tables_prefix" else {}
        for name in sorted(chosen):
            value = getattr(chosen[name], attribute)
            other = owners.setdefault(value, name)
            if other != name:
                problems.append(f"{name}: {attribute} {value!r} belongs to {other}")
    return problems


def _ordered(chosen: Mapping[str, Manifest]) -> list[Manifest]:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, manifest in chosen.items():
        sorter.add(name, *manifest.depends_on, *(soft for soft in manifest.after if soft in chosen))
    try:
        sorter.prepare()
    except CycleError as error:
        path = " → ".join(error.args[1])
        raise AddonSetError([f"add-ons wait for each other: {path}"]) from error
    order: list[Manifest] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order.extend(chosen[name] for name in ready)
        sorter.done(*ready)
    return order
