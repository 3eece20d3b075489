"""The file of a picture that was taken away goes, unless another product has the same picture."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from addons.catalog.services.picture_files import PictureFiles
from addons.catalog.services.pictures import is_picture_used
from addons.catalog.settings import CatalogSettings
from kernel.data.work import Work
from kernel.jobs.lanes import Job
from kernel.jobs.policy import DONE, Settled


@dataclass(frozen=True, slots=True)
class Drop:
    """Which file goes."""

    folder: str
    company_id: str
    digest: str


class DropPicture:
    """See kernel.jobs.policy.JobHandler. Dropping twice is dropping once."""

    async def prepare(self, work: Work, job: Job) -> Drop | Settled:
        """Nothing to do while somebody has the picture."""
        digest = str(job.body["digest"])
        if await is_picture_used(work, digest):
            return DONE
        return Drop(work.settings(CatalogSettings).pictures_folder, work.company_id, digest)

    async def perform(self, plan: Drop) -> None:
        """Take the file away."""
        await asyncio.to_thread(PictureFiles(plan.folder).drop, plan.company_id, plan.digest)

    async def settle(self, work: Work, job: Job, plan: Drop, result: None) -> Settled:
        """Nothing to write."""
        return DONE
