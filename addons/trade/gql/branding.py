"""Logo and texts of receipts in GraphQL. Annotations are real: Strawberry reads them."""

import base64
import binascii
from typing import Annotated

import strawberry

from addons.organization.api import outlet_card, register_card
from addons.trade.domain.branding import AdvertSource
from addons.trade.gql.enums import AdvertKind
from addons.trade.services.branding import (
    KeptBranding,
    kept_branding,
    set_receipt_logo,
    set_receipt_text,
)
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.ids import from_global_or_none, to_global
from kernel.gql.permissions import Requires
from kernel.gql.refusals import Refused
from kernel.printing.logos import SENT_BYTES_MAX, grey_logo
from kernel.printing.pdf import png_size
from kernel.printing.threads import drawn

BASE64_MAX = SENT_BYTES_MAX * 4 // 3 + 4
CHANGE = [Requires("trade.branding")]


@strawberry.type(name="ReceiptText", description="A text printed below receipts.")
class ReceiptTextType:
    kind: AdvertKind = strawberry.field(description="Whose text it is.")
    is_of_ofd: bool = strawberry.field(
        description="Whether the OFD sent it; such a text is not changed here."
    )
    text: str = strawberry.field(description="The text.")
    outlet_id: strawberry.ID | None = strawberry.field(description="Outlet it is for.")
    register_id: strawberry.ID | None = strawberry.field(description="Register it is for.")


@strawberry.type(name="ReceiptBranding", description="What a company adds to its receipts.")
class ReceiptBrandingType:
    logo: str | None = strawberry.field(description="The logo as it is printed: a grey PNG in base64.")
    texts: list[ReceiptTextType] = strawberry.field(description="Texts, in the order of printing.")


ReceiptBrandingResult = Annotated[
    ReceiptBrandingType | Refused,
    strawberry.union("ReceiptBrandingResult", description="What receipts carry now, or why not."),
]


@strawberry.type
class BrandingQuery:
    """Root fields that read."""

    @strawberry.field(
        description="What the caller's company adds to its receipts.",
        permission_classes=[Requires("trade.view")],
    )
    async def receipt_branding(self, info: Info) -> ReceiptBrandingType:
        return await _shown(info)


@strawberry.type
class BrandingMutation:
    """Root fields that write."""

    @strawberry.mutation(description="Change or take away the company's logo.", permission_classes=CHANGE)
    async def set_receipt_logo(
        self,
        info: Info,
        image: Annotated[
            str | None, strawberry.argument(description="PNG or JPEG in base64; null takes the logo away.")
        ] = None,
    ) -> ReceiptBrandingResult:
        png = b"" if image is None else await drawn(grey_logo, _decoded(image))

        async def keep(work: Work, made: bytes) -> None:
            await set_receipt_logo(work, made, width_dots=png_size(made)[0] if made else 0)

        await info.context.transact(keep, png)
        return await _shown(info)

    @strawberry.mutation(
        description="Change or take away a text below receipts of the company, an outlet or a register.",
        permission_classes=CHANGE,
    )
    async def set_receipt_text(
        self,
        info: Info,
        text: Annotated[str, strawberry.argument(description="The text; an empty one takes it away.")],
        outlet_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only for this outlet.")
        ] = None,
        register_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only for this register.")
        ] = None,
    ) -> ReceiptBrandingResult:
        outlet = from_global_or_none(outlet_id, "Outlet", field="outletId")
        register = from_global_or_none(register_id, "Register", field="registerId")
        if outlet and register:
            raise Refusal("RECEIPT_PLACE_AMBIGUOUS", field="outletId")

        async def keep(work: Work, said: str) -> None:
            if register:
                await register_card(work, register)
                await set_receipt_text(work, AdvertKind.KKM, register, said)
            elif outlet:
                await outlet_card(work, outlet)
                await set_receipt_text(work, AdvertKind.OUTLET, outlet, said)
            else:
                await set_receipt_text(work, AdvertKind.ORGANIZATION, work.company_id, said)

        await info.context.transact(keep, text)
        return await _shown(info)


async def _shown(info: Info) -> ReceiptBrandingType:
    async with info.context.reading() as reader:
        kept: KeptBranding = await kept_branding(reader)
    texts = []
    for each in kept.adverts:
        is_of_ofd = each.source is AdvertSource.OFD
        is_of_outlet = each.kind is AdvertKind.OUTLET and not is_of_ofd
        is_of_register = is_of_ofd or each.kind is AdvertKind.KKM
        texts.append(
            ReceiptTextType(
                kind=each.kind,
                is_of_ofd=is_of_ofd,
                text=each.text,
                outlet_id=to_global("Outlet", each.place_id) if is_of_outlet else None,
                register_id=to_global("Register", each.place_id) if is_of_register else None,
            )
        )
    return ReceiptBrandingType(logo=base64.b64encode(kept.logo).decode() or None, texts=texts)


def _decoded(image: str) -> bytes:
    """Raises Refusal("LOGO_NOT_A_PICTURE")."""
    try:
        return base64.b64decode(image[: BASE64_MAX + 4], validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("LOGO_NOT_A_PICTURE", field="image") from error
