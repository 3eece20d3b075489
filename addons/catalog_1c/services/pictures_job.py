"""The job of pictures that came after the goods that name them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.services.file_job import ShelfMaker
from addons.catalog_1c.services.keep_pictures import PictureKeeper, ReceivedKeeper
from addons.catalog_1c.settings import Catalog1cSettings
from kernel.jobs.policy import DONE, Settled

if TYPE_CHECKING:
    from kernel.data.work import Work
    from kernel.jobs.lanes import Job


@dataclass(frozen=True, slots=True)
class PicturesPlan:
    """quiet_ms: see settings. name: of the one picture to look at; "" for all that have come."""

    keeper: PictureKeeper
    name: str
    quiet_ms: int


class PicturesJob:
    """Handler of `catalog_1c.pictures` jobs; body: the connection and the name of a file. Doing it twice is
    doing it once."""

    def __init__(self, shelf_of: ShelfMaker) -> None:
        self._shelf_of = shelf_of

    async def prepare(self, work: Work, job: Job) -> PicturesPlan | Settled:
        """Whose pictures to look at."""
        settings = work.settings(Catalog1cSettings)
        keeper = ReceivedKeeper(
            work.database,
            self._shelf_of(settings),
            ConnectionId(str(job.body["connection"])),
            principal=work.principal,
        )
        quiet_ms = settings.picture_quiet_ms // timedelta(milliseconds=1)
        return PicturesPlan(keeper, str(job.body["name"]), quiet_ms)

    async def perform(self, plan: PicturesPlan) -> None:
        """Keep what has come."""
        async for _ in plan.keeper.keep(name=plan.name, quiet_ms=plan.quiet_ms):
            pass

    async def settle(self, work: Work, job: Job, plan: PicturesPlan, result: None) -> Settled:
        """Everything is written already."""
        return DONE
