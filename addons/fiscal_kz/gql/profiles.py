"""Operators of fiscal data this installation knows. Annotations are real: Strawberry reads them."""

import strawberry

from addons.fiscal_kz.settings import FiscalSettings, ProfileKind
from kernel.gql.context import Info
from kernel.gql.permissions import Requires

strawberry.enum(ProfileKind, name="OfdProfileKind", description="What stands behind a profile.")


@strawberry.type(
    name="OfdProfile", description="An operator of fiscal data, as this installation reaches it."
)
class OfdProfileType:
    code: str = strawberry.field(description="Its code, as `activateKkm` takes it.")
    title: str = strawberry.field(description="Its name.")
    kind: ProfileKind = strawberry.field(description="Real, a test stand, or a simulator.")


@strawberry.type
class ProfilesQuery:
    """Root fields that read."""

    @strawberry.field(
        description="Operators of fiscal data a KKM may be activated at.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def ofd_profiles(self, info: Info) -> list[OfdProfileType]:
        settings = info.context.app.config.section(FiscalSettings)
        return [
            OfdProfileType(code=each.code, title=each.title, kind=each.kind)
            for each in settings.known_profiles
        ]
