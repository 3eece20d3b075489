"""Subscriptions of delivery. Annotations are real: Strawberry reads them."""

from collections.abc import AsyncIterator
from typing import Annotated

import strawberry

from addons.delivery.domain.jobs import OPEN_STATES
from addons.delivery.gql.types import PrintJobType, PrintNewsType
from addons.delivery.services.take import outlet_of_device
from addons.delivery.services.topics import JOB_TOPIC, QUEUE_TOPIC
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global
from kernel.gql.permissions import Requires

_WAITING = "SELECT COUNT(*) AS n FROM dlv_job WHERE company_id = ? AND outlet_id = ? AND state = 'queued'"


@strawberry.type
class DeliverySubscription:
    """Root fields that follow."""

    @strawberry.subscription(
        description="For an agent: now and whenever there may be something to print in the device's outlet.",
        permission_classes=[Requires("delivery.take_jobs")],
    )
    async def print_jobs(self, info: Info) -> AsyncIterator[PrintNewsType]:
        async with info.context.app.bus.listen(QUEUE_TOPIC) as ids:
            async with info.context.reading() as reader:
                outlet_id = await outlet_of_device(reader)
            yield await _news(info, outlet_id)
            async for told in ids:
                if told == outlet_id:
                    yield await _news(info, outlet_id)

    @strawberry.subscription(
        description="For a till: a print job now and whenever something became of it; ends with it.",
        permission_classes=[Requires("delivery.view")],
    )
    async def print_job_changed(
        self, info: Info, job_id: Annotated[strawberry.ID, strawberry.argument(description="The print job.")]
    ) -> AsyncIterator[PrintJobType]:
        key = from_global(job_id, "PrintJob", field="jobId")
        async with info.context.app.bus.listen(JOB_TOPIC) as ids:
            job = await PrintJobType.load(info.context.fresh(), key)
            if job is None:
                raise Refusal("PRINT_JOB_UNKNOWN", field="jobId")
            yield job
            async for told in ids:
                if told != key or job.state not in OPEN_STATES:
                    continue
                job = await PrintJobType.load(info.context.fresh(), key)
                if job is None:
                    return
                yield job
                if job.state not in OPEN_STATES:
                    return


async def _news(info: Info, outlet_id: str) -> PrintNewsType:
    async with info.context.reading() as reader:
        row = await reader.row(_WAITING, reader.company_id, outlet_id)
    return PrintNewsType(waiting=0 if row is None else row["n"])
