"""Subscriptions that tell many callers the same: followed once, written once, sent to all.

A field without arguments says so: `strawberry.subscription(metadata={CIRCLE: circle}, …)`, where
`circle(context)` names those who hear the same, and raises Refusal for whoever may not follow. Callers with
equal names, rights, language and text of the document share one stream; a thousand tills then cost one
question to the database for each event, and a frame each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import orjson
from graphql import FieldNode, OperationDefinitionNode
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.execution import ExecutionResult, PreExecutionError

from kernel import metrics
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.gql.permissions import deny, rights_of

if TYPE_CHECKING:
    from kernel.gql.schema import KernelSchema

CIRCLE = "sauda.circle"  # in the metadata of a field: see above

Send = Callable[[str], Awaitable[None]]
Push = Callable[[str], bool]  # sends at once; False: it cannot just now, and `Send` has to wait
Open = Callable[[], Awaitable[Any]]  # the stream of results, as KernelSchema.stream gives it


def circle_of(
    schema: KernelSchema, query: str, operation_name: str | None, context: GqlContext
) -> Hashable | None:
    """The circle that hears the same as this caller; None when the operation is none of that kind, or not
    for this caller: then it is executed as any other, and says what is wrong with it."""
    document = schema.documents.prepare(query)
    if document.errors or document.document is None:
        return None
    operations = [each for each in document.document.definitions if isinstance(each, OperationDefinitionNode)]
    root = schema.core.subscription_type
    if len(operations) != 1 or len(document.document.definitions) != 1 or root is None:
        return None
    (operation,) = operations
    selected = operation.selection_set.selections
    if operation.operation.value != "subscription" or operation.variable_definitions or len(selected) != 1:
        return None
    (node,) = selected
    if not isinstance(node, FieldNode) or node.arguments or node.directives:
        return None
    name = operation.name.value if operation.name else None
    field = root.fields[node.name.value].extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    circle = field.metadata.get(CIRCLE)
    if circle is None or operation_name not in (None, name):
        return None
    try:
        for permission in rights_of(field) or ():
            deny(context.principal, permission)
        return query, context.language, context.principal.permissions, circle(context)
    except Refusal:
        return None


class Broadcasts:
    """The circles of one process."""

    def __init__(self) -> None:
        self._circles: dict[Hashable, _Circle] = {}

    async def follow(self, key: Hashable, open_stream: Open, send: Send, push: Push | None = None) -> None:
        """Send the payload of every event; one who is slow misses what was told meanwhile, but the newest.

        Begins with the newest event that was told. Returns when the stream has ended or failed: who follows
        then asks for himself. push: spares waking this task for an event that can leave at once.
        """
        circle = self._circles.get(key)
        if circle is None:
            circle = self._circles[key] = _Circle()
            circle.task = asyncio.create_task(self._tell(key, circle, open_stream))
        follower = _Follower(push)
        circle.followers.add(follower)
        try:
            while not circle.is_over:
                number = circle.number
                if number != follower.told:
                    await send(circle.payload)
                    follower.told = number
                else:
                    follower.news.clear()
                    await follower.news.wait()
        finally:
            circle.followers.discard(follower)
            if not circle.followers:
                assert circle.task is not None
                circle.task.cancel()
                self._forget(key, circle)

    def __len__(self) -> int:
        """Circles that are followed now."""
        return len(self._circles)

    async def _tell(self, key: Hashable, circle: _Circle, open_stream: Open) -> None:
        try:
            async with aclosing(await open_stream()) as results:
                async for result in results:
                    if isinstance(result, PreExecutionError) or not isinstance(result, ExecutionResult):
                        return
                    if result.errors:
                        return
                    circle.tell(orjson.dumps({"data": result.data}).decode())
        finally:
            self._forget(key, circle)
            circle.end()

    def _forget(self, key: Hashable, circle: _Circle) -> None:
        if self._circles.get(key) is circle:
            del self._circles[key]


class _Follower:
    """told: number of the newest event that has left for him; he lags while one is on its way."""

    __slots__ = ("news", "push", "told")

    def __init__(self, push: Push | None) -> None:
        self.push = push
        self.told = 0
        self.news = asyncio.Event()


class _Circle:
    """number: of the newest event; payload: that event, as JSON."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.followers: set[_Follower] = set()
        self.number = 0
        self.payload = ""
        self.is_over = False

    def tell(self, payload: str) -> None:
        """Send to all who heard the one before and can take it at once; wake the others."""
        before, self.number, self.payload = self.number, self.number + 1, payload
        pushed = 0
        for each in self.followers:
            if each.push is not None and each.told == before and each.push(payload):
                each.told = self.number
                pushed += 1
            else:
                each.news.set()
        metrics.count_event("subscription", "ok", pushed)

    def end(self) -> None:
        """There will be no more."""
        self.is_over = True
        for each in self.followers:
            each.news.set()
