"""What an add-on brings to the console: pages, actions, menu entries, tabs, fragments of others' pages.

An add-on fills one `Pages` in `pages/` and gives it to `registry.pages`. How pages are served is the
gateway's business, how they look is the theme's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import Response

from kernel.errors import Fault

if TYPE_CHECKING:
    from kernel.web.view import View

CONSOLE = "/console"
LOGIN = f"{CONSOLE}/login"
LEAVE = f"{CONSOLE}/leave"  # where a guest's banner leads; brought by the add-on that lets guests in
HOME_PLACE = "core.home"  # dashboard cards of the first page
SECTIONS = ("trade", "shop", "settings")  # of the menu, in this order; titled core.section_<name>

Handler = Callable[["View"], Awaitable[Response]]
Filler = Callable[..., Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Menu:
    """Where a page stands in the menu. section: one of SECTIONS; icon: a symbol of theme/icons.svg; title:
    when it is not the page's own; also: addresses of other pages the entry stands for, too.
    """

    section: str
    order: int
    icon: str
    title: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """Beside which other pages this one is a tab. group: a place its owner declared; its path has the same
    parameters as the others'.
    """

    group: str
    order: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page or an action. title: a text key; permission None: whoever is signed in; is_public: everybody."""

    owner: str
    path: str
    handler: Handler
    title: str
    permission: str | None
    is_public: bool
    method: str
    menu: Menu | None
    tab: Tab | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A fragment at a named place of a page, asked for as `view.fill(place, **facts)`."""

    owner: str
    place: str
    filler: Filler
    permission: str | None
    order: int


@dataclass(slots=True)
class Pages:
    """Everything one add-on brings. places: names of slots and tab groups on its own pages, "<owner>.<name>":
    a promise to other add-ons.
    """

    owner: str
    places: tuple[str, ...] = ()
    pages: list[Page] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)

    def page(
        self,
        path: str,
        *,
        title: str,
        permission: str | None = None,
        menu: Menu | None = None,
        tab: Tab | None = None,
        is_public: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Show a page: `async def sales(view: View) -> Response`."""
        return self._add(path, title, permission, "GET", menu=menu, tab=tab, is_public=is_public)

    def action(
        self, path: str, *, permission: str | None = None, is_public: bool = False
    ) -> Callable[[Handler], Handler]:
        """Do something when a form of ours is posted there; ends in `view.go(…)` or shows the form again."""
        return self._add(path, "core.title", permission, "POST", is_public=is_public)

    def slot(
        self, place: str, *, order: int = 100, permission: str | None = None
    ) -> Callable[[Filler], Filler]:
        """Bring a fragment: `async def card(view: View, **facts) -> str`; "" shows nothing."""

        def add(filler: Filler) -> Filler:
            self.slots.append(Slot(self.owner, place, filler, permission, order))
            return filler

        return add

    def _add(
        self,
        path: str,
        title: str,
        permission: str | None,
        method: str,
        *,
        menu: Menu | None = None,
        tab: Tab | None = None,
        is_public: bool = False,
    ) -> Callable[[Handler], Handler]:
        if path != CONSOLE and not path.startswith(f"{CONSOLE}/"):
            raise Fault(f"{self.owner}: a console page lies below {CONSOLE}, not at {path}")
        if menu is not None and menu.section not in SECTIONS:
            raise Fault(f"{self.owner}: the menu has no section {menu.section}")

        def add(handler: Handler) -> Handler:
            self.pages.append(
                Page(self.owner, path, handler, title, permission, is_public, method, menu, tab)
            )
            return handler

        return add
