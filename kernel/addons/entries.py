"""What the registry keeps: each thing an add-on brought, with its owner's name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from kernel.errors import SetupFault

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Reader, Work
    from kernel.doctor_finding import Finding
    from kernel.mail.letter import File
    from kernel.printing.paper import Paper

Thing = TypeVar("Thing")

# Payloads, events and keys are typed by their owners; the registry only carries the callables.
HookSubscriber = Callable[["Work", Any], Awaitable[None]]
BatchFunction = Callable[["Reader", list[Any]], Awaitable[Sequence[Any]]]
AttachmentMaker = Callable[["Reader", str], Awaitable["File"]]
PaperMaker = Callable[["Reader", str, bool], Awaitable["Paper"]]
Checkup = Callable[["Database"], Awaitable[Sequence["Finding"]]]
WorkService = Callable[["Work"], Awaitable[Any]]
Endpoint = Callable[..., Any]


class RegistryError(SetupFault):
    """An add-on registered something it may not; the message names the add-on, one line per reason."""

    def __init__(self, message: str) -> None:
        super().__init__(message.splitlines())


@dataclass(frozen=True, slots=True)
class Owned(Generic[Thing]):
    """A thing and the name of the add-on that brought it."""

    owner: str
    thing: Thing


@dataclass(frozen=True, slots=True)
class Contribution:
    """One field of one add-on on a type of another."""

    owner: str
    type_name: str
    field_name: str
    field: Any


@dataclass(frozen=True, slots=True)
class Schedule:
    """A service the worker runs at a pace; at_start: and whenever a worker starts."""

    owner: str
    name: str
    every: timedelta
    service: WorkService
    at_start: bool = False


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who gets a job for every event of a kind."""

    owner: str
    kind: str
    name: str
    handler: Any


@dataclass(frozen=True, slots=True)
class Route:
    """A page served by the gateway.

    is_door: the endpoint itself asks who is calling. body_bytes_max: of one request, where it is not the
    house's.
    """

    owner: str
    path: str
    endpoint: Endpoint
    methods: tuple[str, ...]
    is_public: bool
    is_door: bool = False
    body_bytes_max: int | None = None
