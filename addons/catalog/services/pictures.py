"""Pictures of products. Their files are the business of picture_files."""

from __future__ import annotations

from addons.catalog.domain.commands_view import AddPicture, OrderPictures, PictureId, RemovePicture
from addons.catalog.domain.picture import PICTURES_MAX
from addons.catalog.domain.product import ProductId
from addons.catalog.models import Picture
from addons.catalog.services.history import note_changes
from addons.catalog.services.picture_files import KEEP_S
from addons.catalog.services.products import known_product
from addons.catalog.services.tables import PICTURE
from addons.catalog.services.written import prices_written
from addons.catalog.settings import CatalogSettings
from kernel.data.work import Reader, Work
from kernel.errors import Refusal
from kernel.ids import new_id

MIB = 1024 * 1024
DROP_JOB = "catalog.drop_picture"


async def add_picture(work: Work, command: AddPicture) -> PictureId:
    """Put a picture behind the others of its product; one that is there already is fine.

    Refusals PRODUCT_UNKNOWN, PICTURES_TOO_MANY, PICTURES_TOO_LARGE (of the whole company).
    """
    product = await known_product(command.product_id, field="productId")
    pictures = await Picture.filter(product_id=product.id).order_by("place")
    for each in pictures:
        if each.digest == command.digest:
            return PictureId(each.id)
    if len(pictures) >= PICTURES_MAX:
        raise Refusal("PICTURES_TOO_MANY", field="productId", max=PICTURES_MAX)
    mib_max = work.settings(CatalogSettings).pictures_mib_max
    total = await work.row(
        f"SELECT SUM(size_bytes) AS size FROM {PICTURE} WHERE company_id = ?", work.company_id
    )
    if total is not None and int(total["size"] or 0) + command.size_bytes > mib_max * MIB:
        raise Refusal("PICTURES_TOO_LARGE", max=mib_max)
    picture = Picture(
        id=new_id(),
        company_id=product.company_id,
        product_id=product.id,
        place=pictures[-1].place + 1 if pictures else 0,
        digest=command.digest,
        media_type=command.media_type,
        size_bytes=command.size_bytes,
        created_at=work.now,
    )
    await picture.save(force_create=True)
    await _told(work, product.id, {"picture": (None, picture.id)})
    return PictureId(picture.id)


async def remove_picture(work: Work, command: RemovePicture) -> ProductId:
    """Take a picture away; its file goes by a job. Raises Refusal("PICTURE_UNKNOWN")."""
    picture: Picture | None = await Picture.get_or_none(id=command.picture_id)
    if picture is None:
        raise Refusal("PICTURE_UNKNOWN", field="pictureId")
    await picture.delete()
    lane = await work.lane(f"catalog.pictures:{picture.company_id}", company_id=picture.company_id)
    lane.enqueue(DROP_JOB, {"digest": picture.digest}, due_ms=work.now_ms + 2 * KEEP_S * 1000)
    await _told(work, picture.product_id, {"picture": (picture.id, None)})
    return ProductId(picture.product_id)


async def order_pictures(work: Work, command: OrderPictures) -> ProductId:
    """Choose which picture is the first and so on. Raises Refusal("PICTURE_UNKNOWN") unless exactly all of
    them are named.
    """
    pictures = {each.id: each for each in await Picture.filter(product_id=command.product_id)}
    if not pictures or len(command.picture_ids) != len(pictures) or set(command.picture_ids) != set(pictures):
        raise Refusal("PICTURE_UNKNOWN", field="pictureIds")
    for place, picture_id in enumerate(command.picture_ids):
        picture = pictures[picture_id]
        if picture.place != place:
            picture.place = place
            await picture.save()
    await _told(work, command.product_id, {"picture": (None, command.picture_ids[0])})
    return command.product_id


async def is_picture_used(reader: Reader, digest: str) -> bool:
    """Whether a product of the reader's company has that picture."""
    sql = f"SELECT id FROM {PICTURE} WHERE company_id = ? AND digest = ? LIMIT 1"
    return await reader.row(sql, reader.company_id, digest) is not None


async def find_picture(reader: Reader, picture_id: str) -> tuple[str, str, str] | None:
    """Company, digest and media type of a picture of any company: its id is the secret."""
    row = await reader.row(f"SELECT company_id, digest, media_type FROM {PICTURE} WHERE id = ?", picture_id)
    return None if row is None else (row["company_id"], row["digest"], row["media_type"])


async def _told(work: Work, product_id: str, changes: dict[str, tuple[str | None, str | None]]) -> None:
    await note_changes(work, "pictured", [(product_id, changes)])
    await prices_written(work, [product_id])
