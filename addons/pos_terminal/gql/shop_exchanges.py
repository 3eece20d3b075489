"""What an agent beside the terminals of a shop says. Annotations are real: Strawberry reads them."""

import base64
import binascii
from collections.abc import AsyncIterator
from typing import Annotated, Self

import strawberry

from addons.pos_terminal.domain.shop_exchange import (
    TAKE_MAX,
    ExchangeEnd,
    ShopExchangeId,
    ShopQuestion,
    Told,
)
from addons.pos_terminal.services.shop_exchanges import (
    WAITING_TOPIC,
    TakeQuestions,
    TellAnswer,
    outlet_of_device,
    take_questions,
    tell_answer,
    waiting_in,
)
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global, to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.gql.scalars import UUID

REACH = "pos_terminal.reach_terminals"

strawberry.enum(
    ExchangeEnd,
    name="ShopExchangeEnd",
    description="ANSWERED: the terminal answered, whatever it said. NOT_REACHED: surely nothing has left. "
    "LOST: it may have arrived, and no usable answer came.",
)


@strawberry.type(name="ShopExchangeHeader", description="A header of a request.")
class HeaderType:
    name: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value; may be a secret of the terminal.")


@strawberry.type(name="ShopExchange", description="One HTTP request to a terminal, to be made at most once.")
class ShopExchangeType:
    exchange_id: strawberry.ID = strawberry.field(description="The exchange.")
    terminal_title: str = strawberry.field(description="What people call the terminal.")
    origin: str = strawberry.field(description="Where to, such as `https://192.168.1.20:8080`.")
    method: str = strawberry.field(description="GET or POST.")
    path: str = strawberry.field(description="Path with its query.")
    headers: list[HeaderType] = strawberry.field(description="Headers beside the usual ones.")
    body: str = strawberry.field(description="Body in base64.")
    fingerprint: str = strawberry.field(
        description="SHA-256 of the certificate to be found there, in hexadecimal; empty: any, tell which."
    )
    limit_ms: int = strawberry.field(description="How long to wait for the answer.")

    @classmethod
    def of(cls, question: ShopQuestion) -> Self:
        """As the agent gets it."""
        asked = question.request
        return cls(
            exchange_id=to_global("ShopExchange", question.id),
            terminal_title=question.terminal_title,
            origin=asked.origin,
            method=asked.method,
            path=asked.path,
            headers=[HeaderType(name=name, value=text) for name, text in asked.headers.items()],
            body=base64.b64encode(asked.body).decode(),
            fingerprint=asked.fingerprint,
            limit_ms=question.limit_ms,
        )


@strawberry.type(name="ShopExchanges", description="What is to be asked of terminals now.")
class ShopExchangesType:
    exchanges: list[ShopExchangeType] = strawberry.field(description="The oldest first.")


@strawberry.type(name="ShopExchangeNoted", description="The answer is kept.")
class ShopExchangeNotedType:
    exchange_id: strawberry.ID = strawberry.field(description="The exchange.")


@strawberry.type(name="ShopExchangeNews", description="There may be something to ask; take it to see.")
class ShopExchangeNewsType:
    waiting: int = strawberry.field(description="Exchanges that wait in this outlet.")


TakeShopExchangesResult = Annotated[
    ShopExchangesType | Refused,
    strawberry.union("TakeShopExchangesResult", description="What is to be asked, or why nothing is given."),
]
AnswerShopExchangeResult = Annotated[
    ShopExchangeNotedType | Refused,
    strawberry.union("AnswerShopExchangeResult", description="That it is kept, or why not."),
]
Holder = Annotated[
    UUID,
    strawberry.argument(
        description="Made by the agent once and kept beside its memory of what it has begun; who has lost "
        "that memory takes a new one."
    ),
]


@strawberry.input(description="What became of an exchange.")
class ShopExchangeAnswerInput:
    exchange_id: strawberry.ID = strawberry.field(description="The exchange.")
    holder: UUID = strawberry.field(description="As when it was taken.")
    end: ExchangeEnd = strawberry.field(description="How it ended.")
    status: int = strawberry.field(default=0, description="HTTP status, or what stood in its place.")
    body: str = strawberry.field(default="", description="Body of the answer in base64.")
    fingerprint: str = strawberry.field(
        default="", description="SHA-256 of the certificate that was found, in hexadecimal."
    )
    reason: str = strawberry.field(default="", description="A word why it was not reached or lost.")

    def command(self) -> TellAnswer:
        """As a command. Raises Refusal: BAD_ID, SHOP_ANSWER_MALFORMED."""
        key = from_global(self.exchange_id, "ShopExchange", field="input.exchangeId")
        try:
            body = base64.b64decode(self.body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refusal("SHOP_ANSWER_MALFORMED", field="input.body") from error
        told = Told(self.end, self.status, body, self.fingerprint[:64], self.reason)
        return TellAnswer(ShopExchangeId(key), self.holder, told)


@strawberry.type
class ShopExchangeMutation:
    """What an agent beside the terminals says. All of it may be said again."""

    @strawberry.mutation(
        description="For an agent: take what terminals of the device's outlet are to be asked. What this "
        "holder has in hand comes again; it must not be asked twice.",
        permission_classes=[Requires(REACH)],
    )
    async def take_shop_exchanges(
        self,
        info: Info,
        holder: Holder,
        count: Annotated[int, strawberry.argument(description=f"At most so many, up to {TAKE_MAX}.")] = 10,
    ) -> TakeShopExchangesResult:
        taken = await info.context.transact(take_questions, TakeQuestions(holder, count))
        return ShopExchangesType(exchanges=[ShopExchangeType.of(each) for each in taken])

    @strawberry.mutation(
        description="For an agent: what became of an exchange.", permission_classes=[Requires(REACH)]
    )
    async def answer_shop_exchange(
        self,
        info: Info,
        input: Annotated[ShopExchangeAnswerInput, strawberry.argument(description="What became of it.")],
    ) -> AnswerShopExchangeResult:
        await info.context.transact(tell_answer, input.command())
        return ShopExchangeNotedType(exchange_id=input.exchange_id)


@strawberry.type
class ShopExchangeSubscription:
    """Root fields that follow."""

    @strawberry.subscription(
        description="For an agent: now and whenever a terminal of the device's outlet may have to be asked.",
        permission_classes=[Requires(REACH)],
    )
    async def shop_exchanges(self, info: Info) -> AsyncIterator[ShopExchangeNewsType]:
        async with info.context.app.bus.listen(WAITING_TOPIC) as ids:
            async with info.context.reading() as reader:
                outlet_id = await outlet_of_device(reader)
                waiting = await waiting_in(reader, outlet_id)
            yield ShopExchangeNewsType(waiting=waiting)
            async for told in ids:
                if told == outlet_id:
                    async with info.context.reading() as reader:
                        waiting = await waiting_in(reader, outlet_id)
                    yield ShopExchangeNewsType(waiting=waiting)
