"""Plans of the whole house's schema answer as graphql-core does, over a shop that has sold something."""

from __future__ import annotations

import random

from structlog.testing import capture_logs

from addons.fiscal_kz.tests.shop import open_shop
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from tests.gql.conftest import CANCELLING
from tests.gql.documents import Writer

DOCUMENTS = 150
RANDOM = ("receiptPreviewUrl",)  # another one each time it is asked for

pytestmark = CANCELLING


async def test_queries_of_the_whole_house_are_answered_as_graphql_core_answers_them() -> None:
    chance = random.Random(20260115)
    async with open_shop() as shop:
        sale = await shop.sell()
        await shop.take_back(sale["id"])
        await shop.move_cash("depositCash", "500.00")
        await shop.close()
        schema = shop.app.schema
        ids = [sale["id"], to_global("Register", shop.register_id), to_global("Operator", shop.operator_id)]
        ids += [to_global("Product", each) for each in shop.products.values()]
        compared = found = 0

        for _ in range(DOCUMENTS):
            writer = Writer(schema.core, chance, ids=ids, texts=["Нан", "4870000000013"], without=RANDOM)
            document, variables = writer.operation(with_mutations=False)
            prepared = schema.documents.prepare(document)
            operation = prepared.operation(None)
            if operation is None or operation.plan is None:
                continue  # two selections of one name that differ, or too large
            one, other = (
                GqlContext(shop.app, shop.cashier, request_id="test", language="en") for _ in range(2)
            )
            if schema.documents.cost_error(operation, variables):
                continue
            with capture_logs():
                planned = await schema.execute(document, variables, one)
                core = await schema.execute_unplanned(prepared, variables, other)

            assert planned.data == core.data, document
            assert [each.formatted for each in planned.errors or ()] == [
                each.formatted for each in core.errors or ()
            ], document
            compared += 1
            found += any(bool(each) for each in (planned.data or {}).values())

    assert compared > DOCUMENTS / 2, "too few documents are fit to be compared"
    assert found > compared / 8, "hardly anything was found"
