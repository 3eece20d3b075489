"""Everything a resolver may do that a plan must not take for granted. `log` notes who was called.

Annotations are real in this module: Strawberry reads them.
"""

import asyncio
import enum
from collections.abc import Callable, Generator
from typing import Annotated, Any

import strawberry

from kernel.addons.registry import Registry
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.kept import Kept
from kernel.gql.node import Node
from kernel.gql.permissions import Public, Requires
from kernel.gql.refusals import Refused
from kernel.gql.scalars import Money, Quantity

log: list[str] = []


@strawberry.enum(description="How a thing is.")
class Mood(enum.Enum):
    CALM = "calm"
    WILD = "wild"


@strawberry.input(description="Inside another.")
class InnerInput:
    text: str | None = strawberry.field(default="inner", description="Text.")
    marks: list[str] = strawberry.field(default_factory=list, description="Marks.")


@strawberry.input(description="Of all kinds.")
class OddInput:
    name: str = strawberry.field(description="Name.")
    price: Money | None = strawberry.field(default=None, description="Price.")
    quantity: Quantity = strawberry.field(default=Quantity.ONE, description="Quantity.")
    mood: Mood = strawberry.field(default=Mood.CALM, description="Mood.")
    inner: InnerInput | None = strawberry.field(default=None, description="Inner.")
    many: list[InnerInput | None] | None = strawberry.field(default=None, description="Inner ones.")
    left_out: int | None = strawberry.field(description="Without a default.")


@strawberry.input(description="Makes trouble when it is made.")
class FussyInput:
    size: int = strawberry.field(description="At most nine.")

    def __post_init__(self) -> None:
        if self.size == 13:
            raise Refusal("TOO_MANY_IDS", field="size", max=9)
        if self.size > 9:
            raise RuntimeError("too large")


@strawberry.input(description="Holds itself.")
class LoopInput:
    next: Annotated["LoopInput", strawberry.lazy(__name__)] | None = strawberry.field(
        default=None, description="The next."
    )


class later:  # noqa: N801 - reads as the function it stands for
    """A value a moment later, or an error; unlike a coroutine nobody minds when it is not awaited."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __await__(self) -> Generator[Any, None, Any]:
        yield from asyncio.sleep(0).__await__()
        return _given(self.value)


@strawberry.interface(description="Has a name.")
class Named:
    name: str = strawberry.field(description="Name.")


@strawberry.type(name="Odd", description="Not what one expects.")
class OddType(Named):
    value: strawberry.Private[Any] = None
    number: int | None = strawberry.field(default=1, description="Number.")
    sure: int = strawberry.field(default=2, description="Number that must be there.")
    mood: Mood | None = strawberry.field(default=Mood.WILD, description="Mood.")
    price: Money | None = strawberry.field(default=None, description="Price.")
    marks: list[str] = strawberry.field(default_factory=list, description="Marks.")
    maybe_marks: list[str | None] | None = strawberry.field(default=None, description="Marks or not.")
    table: list[list[int]] | None = strawberry.field(default=None, description="Rows.")
    child: Annotated["OddType", strawberry.lazy(__name__)] | None = strawberry.field(
        default=None, description="One below."
    )
    children: list[Annotated["OddType", strawberry.lazy(__name__)] | None] | None = strawberry.field(
        default=None, description="All below."
    )
    sure_children: list[Annotated["OddType", strawberry.lazy(__name__)]] | None = strawberry.field(
        default=None, description="All below, none missing."
    )
    named: Named | None = strawberry.field(default=None, description="Somebody.")

    @strawberry.field(description="The value at once.")
    def now(self) -> int | None:
        return _given(self.value)

    @strawberry.field(description="The value at once, never null.")
    def sure_now(self) -> int:
        return _given(self.value)

    @strawberry.field(description="The value a moment later.")
    async def soon(self, info: Info) -> int | None:
        return await later(self.value)

    @strawberry.field(description="The value a moment later, never null.")
    async def sure_soon(self, info: Info) -> int:
        return await later(self.value)

    @strawberry.field(description="For few.", permission_classes=[Requires("shop.sell")])
    def secret(self) -> str | None:
        return "secret"


@strawberry.type(name="Calm", description="As one expects.")
class CalmType(Named):
    said: str = strawberry.field(default="calm", description="What it says.")


class Stranger:
    """Not a GraphQL type at all."""

    name = "stranger"
    sure = 5


def _given(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


class WilfulOdd(OddType):
    """A subclass that Strawberry knows nothing about."""


def cast_calm() -> Any:
    return strawberry.cast(OddType, CalmType(name="cast"))


# Lists told to many; the last has an item that may not be there.
KEPT = Kept([OddType(name="1", marks=["a"], child=OddType(name="2", value=3)), OddType(name="3", value=4)])
KEPT_EMPTY: Kept[OddType] = Kept()
KEPT_NULL = Kept([OddType(name="1"), OddType(name="null", sure=None)])  # type: ignore[arg-type]

# What `odd(what:)` gives: the value itself, a null where none may be, an error, a thing of another kind, …
VALUES: dict[str, Callable[[], Any]] = {
    "plain": lambda: OddType(name="plain", value=7, marks=["a", "b"], price=Money.tenge(5)),
    "none": lambda: None,
    "error": lambda: RuntimeError("given, not raised"),
    "calm": lambda: CalmType(name="calm"),
    "stranger": Stranger,
    "subclass": lambda: WilfulOdd(name="sub", value=1),
    "cast": cast_calm,
    "dict": lambda: {"name": "dict"},
    "later": lambda: later(OddType(name="later", value=3)),
    "bad leaf": lambda: OddType(name="bad", number="x", mood="calm"),  # type: ignore[arg-type]
    "bad mood": lambda: OddType(name="bad", mood="angry"),  # type: ignore[arg-type]
    "null leaf": lambda: OddType(name="null", sure=None),  # type: ignore[arg-type]
    "bool": lambda: OddType(name="bool", number=True, sure=2**40),
    "soon leaf": lambda: OddType(name=later("soon"), sure=later(4)),  # type: ignore[arg-type]
    "raising": lambda: OddType(name="raising", value=RuntimeError("no")),
    "refusing": lambda: OddType(name="refusing", value=Refusal("BAD_ID", field="value")),
    "null below": lambda: OddType(name="top", child=OddType(name="null", sure=None)),  # type: ignore[arg-type]
    "deep": lambda: OddType(
        name="top", child=OddType(name="mid", child=OddType(name="low", value=RuntimeError("deep")))
    ),
    "children": lambda: OddType(
        name="top",
        children=[OddType(name="1", value=1), None, OddType(name="2"), CalmType(name="3")],  # type: ignore[list-item]
        sure_children=(OddType(name="4", value=1), OddType(name="5", value=None)),  # type: ignore[arg-type]
    ),
    "null child": lambda: OddType(name="top", sure_children=[OddType(name="1"), None]),  # type: ignore[list-item]
    "odd lists": lambda: OddType(
        name="top",
        marks=(each for each in "ab"),  # type: ignore[arg-type]
        maybe_marks=["a", None, 5, later("b")],  # type: ignore[list-item]
        table=[[1, 2], [3]],
        children="no list",  # type: ignore[arg-type]
        sure_children=[later(OddType(name="1", value=1)), later(RuntimeError("item"))],  # type: ignore[list-item]
    ),
    "bad lists": lambda: OddType(
        name="top",
        marks=["a", None],  # type: ignore[list-item]
        maybe_marks=5,  # type: ignore[arg-type]
        table=[[1, "x"]],  # type: ignore[list-item]
        children=[RuntimeError("item"), OddType(name="2", value=9)],  # type: ignore[list-item]
    ),
    "kept": lambda: OddType(name="top", children=KEPT, sure_children=KEPT),
    "kept empty": lambda: OddType(name="top", children=KEPT_EMPTY),
    "kept null": lambda: OddType(name="top", children=KEPT_NULL, sure_children=KEPT_NULL),
    "named odd": lambda: OddType(name="top", named=OddType(name="low", number=9)),
    "named calm": lambda: OddType(name="top", named=CalmType(name="low")),
    "named stranger": lambda: OddType(name="top", named=Stranger()),  # type: ignore[arg-type]
    "named later": lambda: OddType(name="top", named=later(CalmType(name="low"))),  # type: ignore[arg-type]
}

OddResult = Annotated[
    OddType | CalmType | Refused, strawberry.union("OddResult", description="One of them, or why not.")
]


@strawberry.type
class OddQuery:
    @strawberry.field(description="A value of that name.", permission_classes=[Public])
    async def odd(self, what: str) -> OddType | None:
        return VALUES[what]()

    @strawberry.field(description="The same, never null.", permission_classes=[Public])
    async def sure_odd(self, what: str) -> OddType:
        return VALUES[what]()

    @strawberry.field(description="The same at once.", permission_classes=[Public])
    def odd_now(self, what: str) -> OddType | None:
        return VALUES[what]()

    @strawberry.field(description="The same as a member of a union.", permission_classes=[Public])
    async def odd_member(self, what: str) -> OddResult | None:
        value = VALUES[what]()
        if isinstance(value, OddType):
            _given(value.value)
        return value

    @strawberry.field(description="All of them.", permission_classes=[Public])
    async def odd_ones(self, names: list[str] | None = None) -> list[OddType | None]:
        return [VALUES[each]() for each in names or ()]

    @strawberry.field(description="Says what it was given.", permission_classes=[Public])
    async def told(
        self,
        info: Info,
        input: OddInput | None = None,
        inputs: list[OddInput] | None = None,
        fussy: FussyInput | None = None,
        loop: LoopInput | None = None,
        number: int = 5,
        mood: Mood = Mood.WILD,
        marks: list[str] | None = None,
        maybe: int | None = strawberry.UNSET,
    ) -> str:
        return repr((input, inputs, fussy, loop, number, mood, marks, maybe))

    @strawberry.field(description="Changes what it was given.", permission_classes=[Public])
    async def spoiled(self, input: OddInput, marks: list[str] | None = None) -> str:
        if marks is not None:
            marks.append("spoiled")
        input.name += "!"
        return repr((input.name, marks))

    @strawberry.field(description="For few.", permission_classes=[Requires("shop.sell")])
    async def few(self) -> OddType | None:
        return VALUES["plain"]()

    @strawberry.field(description="What the field is called.", permission_classes=[Public])
    async def called(self, info: Info) -> str:
        return f"{info.field_name} {info.path.as_list()} {[each.name for each in info.selected_fields]}"


@strawberry.type
class OddMutation:
    @strawberry.mutation(description="Notes that it was called.", permission_classes=[Public])
    async def note(self, what: str) -> OddResult:
        log.append(what)
        if what == "refuse":
            raise Refusal("BAD_ID", field="what")
        if what == "forbid":
            raise Refusal("FORBIDDEN", permission="x")
        return await later(VALUES[what]())

    @strawberry.mutation(description="The same at once, perhaps null.", permission_classes=[Public])
    def note_now(self, what: str, input: OddInput | None = None) -> OddResult | None:
        log.append(what)
        if what == "refuse":
            raise Refusal("BAD_ID", field="what")
        return VALUES[what]()

    @strawberry.mutation(description="For few.", permission_classes=[Requires("shop.sell")])
    async def note_few(self, what: str, fussy: FussyInput | None = None) -> OddResult:
        log.append(what)
        return VALUES[what]()


def register_oddities(registry: Registry) -> None:
    registry.query(OddQuery)
    registry.mutation(OddMutation)
    registry.open_type(OddType)
    registry.open_type(CalmType)


__all__ = ["VALUES", "Node", "log", "register_oddities"]
