"""What a full set of add-ons promised each other, checked once when the registry is frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernel.web.pages import HOME_PLACE

if TYPE_CHECKING:
    from kernel.addons.registry import Registry


def broken_promises(registry: Registry) -> list[str]:
    """One line for every contribution, hook, permission or settings section that does not hold together."""
    return [
        *_contributions(registry),
        *_hooks(registry),
        *_permissions(registry),
        *_settings(registry),
        *_console(registry),
    ]


def _contributions(registry: Registry) -> list[str]:
    problems = []
    for each in registry.contributions:
        target = registry.open_types.get(each.type_name)
        if target is None:
            problems.append(f"{each.owner}: type {each.type_name} is not open to contributions")
        elif target.owner != each.owner and target.owner not in _reachable(registry, each.owner):
            problems.append(f"{each.owner}: contributes to {target.owner} without depending on it")
    return problems


def _hooks(registry: Registry) -> list[str]:
    """A hook of an absent add-on is no problem (nobody calls it); a misspelt hook of a present one is."""
    present = {manifest.name for manifest in registry.addons}
    return [
        f"{owner}: hook {name} is not declared by {name.partition('.')[0]}"
        for name, owner in registry.all_hooks
        if name not in registry.declared_hooks and name.partition(".")[0] in present
    ]


def _permissions(registry: Registry) -> list[str]:
    declared = set(registry.permissions)
    granted = {permission for permissions in registry.roles.values() for permission in permissions}
    return [
        *(f"permission {name} belongs to no role" for name in sorted(declared - granted)),
        *(
            f"a role gives permission {name}, which no manifest declares"
            for name in sorted(granted - declared)
        ),
    ]


def _settings(registry: Registry) -> list[str]:
    problems = []
    for manifest in registry.addons:
        mine = {name for name, each in registry.settings_sections.items() if each.owner == manifest.name}
        if mine != set(manifest.settings):
            promised = ", ".join(sorted(manifest.settings)) or "none"
            found = ", ".join(sorted(mine)) or "none"
            problems.append(f"{manifest.name}: settings promised: {promised}; registered: {found}")
    return problems


def _console(registry: Registry) -> list[str]:
    """Two pages at one address, permissions nobody declared, places nobody promised."""
    problems = []
    taken: dict[tuple[str, str], str] = {}
    declared = set(registry.permissions)
    places = {HOME_PLACE} | {place for each in registry.console for place in each.places}
    present = {"core"} | {manifest.name for manifest in registry.addons}
    for each in registry.console:
        asked = [(page.path, page.permission) for page in each.pages]
        asked += [(slot.place, slot.permission) for slot in each.slots]
        problems += [
            f"{each.owner}: {what} asks for permission {permission}, which no manifest declares"
            for what, permission in asked
            if permission is not None and permission not in declared
        ]
        for page in each.pages:
            other = taken.setdefault((page.method, page.path), each.owner)
            twice = sum((page.method, page.path) == (own.method, own.path) for own in each.pages)
            if other != each.owner or twice > 1:
                problems.append(f"{each.owner}: {page.method} {page.path} is a page of {other} already")
        wanted = [slot.place for slot in each.slots] + [page.tab.group for page in each.pages if page.tab]
        problems += [
            f"{each.owner}: {place} is not a place of {place.partition('.')[0]}"
            for place in wanted
            if place not in places and place.partition(".")[0] in present
        ]
    return problems


def _reachable(registry: Registry, name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:  # every name is put on the list once
        for need in registry.addon(waiting.pop()).depends_on - found:
            found.add(need)
            waiting.append(need)
    return found
