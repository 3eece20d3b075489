"""What this installation is made of: add-ons, themes, permissions. Annotations are real in this module."""

import strawberry

from kernel.config_sections import WebSettings
from kernel.gql.context import Info
from kernel.gql.permissions import Requires
from kernel.i18n import DEFAULT_LANGUAGE
from kernel.web.themes import installed_themes


@strawberry.type(name="InstalledAddon", description="An add-on that is at work.")
class InstalledAddonType:
    name: str = strawberry.field(description="Its name.")
    title: str = strawberry.field(description="Its title in the caller's language.")
    version: str = strawberry.field(description="Its version.")


@strawberry.type(name="InstalledTheme", description="A look that can be chosen.")
class InstalledThemeType:
    name: str = strawberry.field(description="Its name.")
    title: str = strawberry.field(description="Its title.")
    parent: str | None = strawberry.field(description="The theme it stands on.")
    is_chosen: bool = strawberry.field(description="Whether pages look so.")


@strawberry.type(name="PermissionTitle", description="A permission and what it is called.")
class PermissionTitleType:
    name: str = strawberry.field(description="As programs name it, such as trade.sell.")
    title: str = strawberry.field(description="As people name it, in the caller's language.")
    is_for_tokens: bool = strawberry.field(description="Whether a token may have it, given by the caller.")


@strawberry.type(name="Installation", description="What this installation is made of.")
class InstallationType:
    addons: list[InstalledAddonType] = strawberry.field(description="Add-ons at work, in their order.")
    themes: list[InstalledThemeType] = strawberry.field(description="Themes, by name.")
    permissions: list[PermissionTitleType] = strawberry.field(description="Every permission, by name.")


@strawberry.type
class InstallationQuery:
    """Root fields that read."""

    @strawberry.field(
        description="Add-ons, themes and permissions of this installation.",
        permission_classes=[Requires("organization.view")],
    )
    async def installation(self, info: Info) -> InstallationType:
        registry, principal = info.context.registry, info.context.principal
        language = info.context.language

        def of(titles: dict[str, str], name: str) -> str:
            return titles.get(language) or titles.get(DEFAULT_LANGUAGE) or name

        web = info.context.app.config.section(WebSettings)
        ceiling = registry.roles.get("service", frozenset())
        return InstallationType(
            addons=[
                InstalledAddonType(
                    name=each.name, title=of(dict(each.title), each.name), version=str(each.version)
                )
                for each in registry.addons
            ],
            themes=[
                InstalledThemeType(
                    name=each.name, title=each.title, parent=each.parent, is_chosen=each.name == web.theme
                )
                for each in installed_themes(web)
            ],
            permissions=[
                PermissionTitleType(
                    name=name,
                    title=of(dict(titles), name),
                    is_for_tokens=name in ceiling and principal.may(name),
                )
                for each in registry.addons
                for name, titles in sorted(each.permissions.items())
            ],
        )
