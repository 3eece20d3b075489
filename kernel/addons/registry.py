"""What add-ons bring, each thing with its owner: written while they register, then frozen and only read.

Nothing is run from here. Reading order is always add-on order (dependencies first).
Long because each kind of thing an add-on may bring has its own two short methods in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import is_dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kernel.addons.entries import (
    AttachmentMaker,
    BatchFunction,
    Checkup,
    Contribution,
    Endpoint,
    HookSubscriber,
    Owned,
    PaperMaker,
    RegistryError,
    Route,
    Schedule,
    Subscriber,
    WorkService,
)
from kernel.addons.manifest import Manifest
from kernel.addons.promises import broken_promises

if TYPE_CHECKING:
    import typer

    from kernel.jobs.policy import AnyJobHandler
    from kernel.web.pages import Pages

Port = TypeVar("Port")
Settings = TypeVar("Settings")

_DOTTED = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_.]*")


class Registry:
    """Filled by `register(registry)` of each add-on in turn, then frozen. Raises RegistryError on any
    misuse."""

    def __init__(self) -> None:
        self._owner: Manifest | None = None
        self._is_frozen = False
        self._manifests: dict[str, Manifest] = {}
        self._models: list[Owned[str]] = []
        self._roots: dict[str, list[Owned[type]]] = {"query": [], "mutation": [], "subscription": []}
        self._open_types: dict[str, Owned[type]] = {}
        self._contributions: dict[tuple[str, str], Contribution] = {}
        self._loaders: dict[str, Owned[BatchFunction]] = {}
        self._jobs: dict[str, Owned[AnyJobHandler]] = {}
        self._attachments: dict[str, Owned[AttachmentMaker]] = {}
        self._papers: dict[str, Owned[tuple[PaperMaker, str | None]]] = {}
        self._schedules: dict[str, Schedule] = {}
        self._subscribers: dict[tuple[str, str], Subscriber] = {}
        self._subscribers_of: dict[str, list[Subscriber]] = {}  # asked for by every receipt
        self._declared_hooks: dict[str, str] = {}
        self._hooks: dict[str, list[Owned[HookSubscriber]]] = {}
        self._ports: dict[type, Owned[object]] = {}
        self._offers: dict[tuple[type, str], Owned[object]] = {}
        self._settings: dict[str, Owned[type]] = {}
        self._settings_values: Mapping[type, Any] = {}
        self._routes: dict[tuple[str, str], Route] = {}
        self._roles: dict[str, dict[str, str]] = {}
        self._commands: list[Owned[typer.Typer]] = []
        self._checkups: list[Owned[Checkup]] = []
        self._console: list[Pages] = []

    # --- life

    @contextmanager
    def owned_by(self, manifest: Manifest) -> Iterator[Registry]:
        """While inside, everything registered belongs to that add-on. Only the loader calls it."""
        assert self._owner is None, "add-ons register one after another"
        self._require_open("owned_by")
        self._owner = manifest
        self._manifests[manifest.name] = manifest
        try:
            yield self
        finally:
            self._owner = None

    def freeze(self) -> None:
        """No registration after this. Raises RegistryError listing every promise that does not hold
        together."""
        problems = broken_promises(self)
        if problems:
            raise RegistryError("\n".join(problems))
        self._is_frozen = True

    def bind_settings(self, values: Mapping[type, object]) -> None:
        """Give the typed values of every settings section; once, by the composition root, after freeze."""
        self._settings_values = dict(values)

    # --- what an add-on may register

    def models(self, module: str) -> None:
        """A module with Tortoise models of this add-on."""
        owner = self._take("models")
        if not module.startswith(owner.package):
            raise RegistryError(f"{owner.name}: models of {module} belong to another package")
        self._models.append(Owned(owner.name, module))

    def query(self, root: type) -> None:
        """Fields for the GraphQL query root."""
        self._roots["query"].append(Owned(self._take("query").name, root))

    def mutation(self, root: type) -> None:
        """Fields for the GraphQL mutation root."""
        self._roots["mutation"].append(Owned(self._take("mutation").name, root))

    def subscription(self, root: type) -> None:
        """Fields for the GraphQL subscription root."""
        self._roots["subscription"].append(Owned(self._take("subscription").name, root))

    def open_type(self, graphql_type: type) -> None:
        """Let other add-ons contribute fields to this type of ours."""
        owner = self._take("open_type")
        definition = getattr(graphql_type, "__strawberry_definition__", None)
        if definition is None:
            raise RegistryError(f"{owner.name}: {graphql_type.__name__} is not a GraphQL type")
        self._once(self._open_types, str(definition.name), Owned(owner.name, graphql_type), owner)

    def contribute(self, type_name: str, field_name: str, field: Any) -> None:
        """Add our one field to an open type of another add-on; it is named by our short."""
        owner = self._take("contribute")
        if field_name != owner.short:
            raise RegistryError(f"{owner.name}: contributes {field_name!r}, must be named {owner.short!r}")
        contribution = Contribution(owner.name, type_name, field_name, field)
        self._once(self._contributions, (type_name, field_name), contribution, owner)

    def loader(self, name: str, batch: BatchFunction) -> None:
        """A batch function `async (reader, keys) -> list` for DataLoaders made afresh for every request."""
        owner = self._take("loader")
        self._once(self._loaders, self._own_name(name, owner), Owned(owner.name, batch), owner)

    def job(self, kind: str, handler: AnyJobHandler) -> None:
        """A handler (kernel.jobs) for jobs of a kind."""
        owner = self._take("job")
        self._once(self._jobs, self._own_name(kind, owner), Owned(owner.name, handler), owner)

    def attachment(self, kind: str, maker: AttachmentMaker) -> None:
        """Who makes the files of a kind for letters (kernel.mail): `async (reader, subject_id) -> File`.

        Called outside of a transaction, when the letter is sent; a Refusal ends the letter.
        """
        owner = self._take("attachment")
        self._once(self._attachments, self._own_name(kind, owner), Owned(owner.name, maker), owner)

    def paper(self, kind: str, maker: PaperMaker, *, permission: str | None = None) -> None:
        """Who makes papers of a kind for print queues: `async (reader, subject_id, is_copy) -> Paper`.

        permission: of those who may ask for one by `printPaper`; None: it is asked for in another way.
        """
        owner = self._take("paper")
        self._once(self._papers, self._own_name(kind, owner), Owned(owner.name, (maker, permission)), owner)

    def schedule(self, name: str, every: timedelta, service: WorkService, *, at_start: bool = False) -> None:
        """A service the worker runs in a transaction of the system, one process at a time; at_start: and when
        a worker starts.
        """
        owner = self._take("schedule")
        if every < timedelta(seconds=1):
            raise RegistryError(f"{owner.name}: schedule {name} runs more often than once a second")
        self._once(
            self._schedules,
            self._own_name(name, owner),
            Schedule(owner.name, name, every, service, at_start),
            owner,
        )

    def subscribe(self, event_kind: str, name: str, handler: Any) -> None:
        """One job for every event of that kind, at least once; name tells subscribers of one kind apart."""
        owner = self._take("subscribe")
        subscriber = Subscriber(owner.name, event_kind, name, handler)
        self._once(self._subscribers, (event_kind, name), subscriber, owner)
        self._subscribers_of.setdefault(event_kind, []).append(subscriber)

    def declare_hook(self, name: str) -> None:
        """A hook of ours that others may join."""
        owner = self._take("declare_hook")
        self._once(self._declared_hooks, self._own_name(name, owner), owner.name, owner)

    def hook(self, name: str, subscriber: HookSubscriber) -> None:
        """Join a hook: called inside its transaction, may raise Refusal."""
        owner = self._take("hook")
        self._hooks.setdefault(name, []).append(Owned(owner.name, subscriber))

    def provide(self, port: type[Port], implementation: Port) -> None:
        """Be the implementation of a port; one per port."""
        owner = self._take("provide")
        self._once(self._ports, port, Owned(owner.name, cast(object, implementation)), owner)

    def offer(self, port: type[Port], name: str, implementation: Port) -> None:
        """Be one implementation, by that name, of a port that may have many; names are one per port."""
        owner = self._take("offer")
        self._once(self._offers, (port, name), Owned(owner.name, cast(object, implementation)), owner)

    def settings(self, section: type) -> None:
        """A frozen dataclass with SECTION, filled by kernel.config."""
        owner = self._take("settings")
        name = getattr(section, "SECTION", None)
        if not isinstance(name, str) or not is_dataclass(section):
            raise RegistryError(f"{owner.name}: settings {section.__name__} must be a dataclass with SECTION")
        self._once(self._settings, name, Owned(owner.name, section), owner)

    def route(
        self,
        path: str,
        endpoint: Endpoint,
        methods: Iterable[str] = ("GET",),
        *,
        public: bool = False,
        body_bytes_max: int | None = None,
    ) -> None:
        """A Starlette endpoint at a path; public pages need no log-in. body_bytes_max: of one request, where
        it is not the house's.
        """
        owner = self._take("route")
        upper = tuple(method.upper() for method in methods)
        self._serve(Route(owner.name, path, endpoint, upper, public, False, body_bytes_max), owner)

    def door(self, path: str, endpoint: Endpoint, methods: Iterable[str], *, body_bytes_max: int) -> None:
        """An endpoint for programs that speak a protocol of their own.

        It settles itself who is calling, reads the body as a stream of at most body_bytes_max, and answers
        refusals in its own words.
        """
        owner = self._take("door")
        upper = tuple(method.upper() for method in methods)
        self._serve(Route(owner.name, path, endpoint, upper, True, True, body_bytes_max), owner)

    def _serve(self, route: Route, owner: Manifest) -> None:
        if not route.path.startswith("/"):
            raise RegistryError(f"{owner.name}: path {route.path!r} must start with /")
        for method in route.methods:
            self._once(self._routes, (route.path, method), route, owner)

    def pages(self, pages: Pages) -> None:
        """Pages of the console, with their menu entries, tabs and fragments (kernel.web.pages)."""
        owner = self._take("pages")
        if pages.owner != owner.name:
            raise RegistryError(f"{owner.name}: pages of {pages.owner} belong to another add-on")
        self._console.append(pages)

    def checkup(self, check: Checkup) -> None:
        """What `sauda doctor` asks of a running installation: `async (database) -> findings`; it changes
        nothing.
        """
        self._checkups.append(Owned(self._take("checkup").name, check))

    def role(self, name: str, permissions: Iterable[str]) -> None:
        """Give permissions to a role; several add-ons may give to one role."""
        owner = self._take("role")
        granted = self._roles.setdefault(name, {})
        for permission in sorted(permissions):
            granted.setdefault(permission, owner.name)

    def command(self, app: typer.Typer) -> None:
        """A sub-command of `sauda`."""
        self._commands.append(Owned(self._take("command").name, app))

    # --- what the rooms of the kernel read

    @property
    def is_frozen(self) -> bool:
        """True when loading is over."""
        return self._is_frozen

    @property
    def addons(self) -> tuple[Manifest, ...]:
        """Loaded add-ons, dependencies first."""
        return tuple(self._manifests.values())

    def addon(self, name: str) -> Manifest:
        """A loaded add-on. Raises RegistryError when it is not loaded."""
        if name not in self._manifests:
            raise RegistryError(f"add-on {name} is not loaded")
        return self._manifests[name]

    @property
    def model_modules(self) -> Mapping[str, tuple[str, ...]]:
        """Modules with models by add-on, dependencies first."""
        by_owner: dict[str, tuple[str, ...]] = {}
        for each in self._models:
            by_owner[each.owner] = (*by_owner.get(each.owner, ()), each.thing)
        return by_owner

    @property
    def queries(self) -> tuple[Owned[type], ...]:
        """Query roots."""
        return tuple(self._roots["query"])

    @property
    def mutations(self) -> tuple[Owned[type], ...]:
        """Mutation roots."""
        return tuple(self._roots["mutation"])

    @property
    def subscriptions(self) -> tuple[Owned[type], ...]:
        """Subscription roots."""
        return tuple(self._roots["subscription"])

    @property
    def open_types(self) -> Mapping[str, Owned[type]]:
        """Types open to contributions by GraphQL name."""
        return self._open_types

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """Fields brought to other add-ons' types."""
        return tuple(self._contributions.values())

    @property
    def loaders(self) -> Mapping[str, BatchFunction]:
        """Batch functions by name."""
        return {name: each.thing for name, each in self._loaders.items()}

    @property
    def jobs(self) -> Mapping[str, AnyJobHandler]:
        """Job handlers by kind."""
        return {kind: each.thing for kind, each in self._jobs.items()}

    def job_handler(self, kind: str) -> AnyJobHandler | None:
        """The handler of a kind; None when its add-on is not active and the job must be parked."""
        found = self._jobs.get(kind)
        return None if found is None else found.thing

    def attachment_maker(self, kind: str) -> AttachmentMaker | None:
        """Who makes files of that kind; None when its add-on is not active."""
        found = self._attachments.get(kind)
        return None if found is None else found.thing

    def paper_maker(self, kind: str) -> PaperMaker | None:
        """Who makes papers of that kind; None when its add-on is not active."""
        found = self._papers.get(kind)
        return None if found is None else found.thing[0]

    def paper_permission(self, kind: str) -> str | None:
        """Permission of those who may ask for papers of that kind; None when nobody may, or there is none."""
        found = self._papers.get(kind)
        return None if found is None else found.thing[1]

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Services run at a pace."""
        return tuple(self._schedules.values())

    def subscribers(self, event_kind: str) -> tuple[Subscriber, ...]:
        """Who gets a job for an event of that kind."""
        return tuple(self._subscribers_of.get(event_kind, ()))

    @property
    def all_subscribers(self) -> tuple[Subscriber, ...]:
        """Every subscriber of every event kind."""
        return tuple(self._subscribers.values())

    @property
    def declared_hooks(self) -> Mapping[str, str]:
        """Names of hooks that may be joined, with their owners."""
        return self._declared_hooks

    @property
    def all_hooks(self) -> tuple[tuple[str, str], ...]:
        """(hook, add-on) of everybody who joined a hook."""
        return tuple((name, each.owner) for name, subscribers in self._hooks.items() for each in subscribers)

    def hooks(self, name: str) -> tuple[HookSubscriber, ...]:
        """Subscribers of a declared hook. Raises RegistryError when nobody declared it."""
        if name not in self._declared_hooks:
            raise RegistryError(f"hook {name} is not declared by any add-on")
        return tuple(each.thing for each in self._hooks.get(name, ()))

    def port(self, port: type[Port]) -> Port:
        """The implementation of a port. Raises RegistryError when no add-on provides it."""
        found = self.port_or_none(port)
        if found is None:
            raise RegistryError(f"no add-on provides {port.__name__}")
        return found

    def port_or_none(self, port: type[Port]) -> Port | None:
        """The implementation of a port, if an add-on provides it."""
        found = self._ports.get(port)
        return None if found is None else cast(Port, found.thing)

    def offers(self, port: type[Port]) -> Mapping[str, Port]:
        """All implementations of a port that may have many, by name."""
        return {name: cast(Port, found.thing) for (kind, name), found in self._offers.items() if kind is port}

    @property
    def settings_sections(self) -> Mapping[str, Owned[type]]:
        """Settings dataclasses by section name."""
        return self._settings

    def settings_of(self, section: type[Settings]) -> Settings:
        """Values of a section; its defaults when no configuration was bound (tests)."""
        found: Settings | None = self._settings_values.get(section)
        return section() if found is None else found

    @property
    def console(self) -> tuple[Pages, ...]:
        """Pages of the console by add-on."""
        return tuple(self._console)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Pages, each once, in the order of registration."""
        return tuple(dict.fromkeys(self._routes.values()))

    @property
    def roles(self) -> Mapping[str, frozenset[str]]:
        """Permissions by role."""
        return {name: frozenset(granted) for name, granted in sorted(self._roles.items())}

    @property
    def permissions(self) -> Mapping[str, str]:
        """Every declared permission with its add-on."""
        return {name: manifest.name for manifest in self.addons for name in manifest.permissions}

    @property
    def checkups(self) -> tuple[Owned[Checkup], ...]:
        """Checks of the doctor."""
        return tuple(self._checkups)

    @property
    def commands(self) -> tuple[Owned[typer.Typer], ...]:
        """Sub-commands of `sauda`."""
        return tuple(self._commands)

    # --- rules

    def _require_open(self, what: str) -> None:
        if self._is_frozen:
            raise RegistryError(f"registry.{what} after loading: add-ons register only in register()")

    def _take(self, what: str) -> Manifest:
        self._require_open(what)
        if self._owner is None:
            raise RegistryError(f"registry.{what} outside of an add-on's register()")
        return self._owner

    @staticmethod
    def _own_name(name: str, owner: Manifest) -> str:
        if not _DOTTED.fullmatch(name) or not name.startswith(f"{owner.name}."):
            raise RegistryError(f"{owner.name}: name {name!r} must look like {owner.name}.something")
        return name

    @staticmethod
    def _once(table: dict[Any, Any], key: object, value: object, owner: Manifest) -> None:
        if key in table:
            known = table[key]
            other = known if isinstance(known, str) else known.owner
            raise RegistryError(f"{owner.name}: {_text(key)} is already registered by {other}")
        table[key] = value


def _text(key: object) -> str:
    if isinstance(key, tuple):
        return " ".join(str(part) for part in key)
    return key.__name__ if isinstance(key, type) else str(key)
