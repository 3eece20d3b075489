"""Objects that can be found again by their global id: the `Node` interface and the root fields `node` and
`nodes`.

Annotations are real in this module: Strawberry reads them.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Self

import strawberry
from strawberry.types.field import StrawberryField

from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import split_global, to_global
from kernel.gql.permissions import Public, deny

NODES_MAX = 100  # ids in one call


def derived(read: Callable[[Any], Any], *, description: str) -> Any:
    """A plain field whose value `read` makes of the object when somebody selects it; `__init__` does not take
    it: `total: Money = derived(lambda sale: sale.record.total, description="What is to be paid.")`.
    """
    field: StrawberryField = strawberry.field(description=description, default=property(read))
    field.init = False  # the default stays an attribute of the class: the property itself
    return field


@strawberry.interface(description="Something that can be found again by its id.")
class Node:
    """Base of every type with an identity: `SaleType(key=row["id"], …)`.

    A type that can be refetched by `node(id:)` overrides `load` and names the permission to see it.
    """

    key: strawberry.Private[str]
    id: strawberry.ID = derived(
        lambda node: to_global(graphql_name(type(node)), node.key),
        description="Opaque id, the same for ever.",
    )

    node_permission: ClassVar[str | None] = None

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Self | None:
        """The object of that key as the caller may see it, or None. Use a loader: `nodes` asks for many at
        once.
        """
        raise NotImplementedError


def graphql_name(graphql_type: type) -> str:
    """Name of a Strawberry type in the schema."""
    return str(graphql_type.__strawberry_definition__.name)  # type: ignore[attr-defined]


def node_types(types: list[type]) -> dict[str, type[Node]]:
    """Those of the types that `node(id:)` can find, by GraphQL name."""
    return {
        graphql_name(each): each
        for each in types
        if issubclass(each, Node) and each is not Node and each.load.__func__ is not Node.load.__func__  # type: ignore[attr-defined]
    }


async def find_node(context: GqlContext, finders: Mapping[str, type[Node]], global_id: str) -> Node | None:
    """The object of a global id, None when it does not exist (any more) for this caller. Raises
    Refusal("BAD_ID").
    """
    type_name, key = split_global(global_id)
    finder = finders.get(type_name)
    if finder is None:
        raise Refusal("BAD_ID")
    deny(context.principal, finder.node_permission)
    return await finder.load(context, key)


@strawberry.type
class KernelQuery:
    """Root fields of the kernel itself."""

    @strawberry.field(
        description="The object of that id, null when there is none for this caller.",
        permission_classes=[Public],
    )
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Global id of any object.")],
    ) -> Node | None:
        return await find_node(info.context, info.schema.node_types, id)  # type: ignore[attr-defined]

    @strawberry.field(
        description=f"Objects of those ids in the same order, at most {NODES_MAX}; null where there is none.",
        permission_classes=[Public],
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Global ids of any objects.")],
    ) -> list[Node | None]:
        if len(ids) > NODES_MAX:
            raise Refusal("TOO_MANY_IDS", field="ids", max=NODES_MAX)
        finders = info.schema.node_types  # type: ignore[attr-defined]
        return list(await asyncio.gather(*(find_node(info.context, finders, each) for each in ids)))
