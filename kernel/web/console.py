"""The console of one set of add-ons: its pages, its menu, its named GraphQL documents, checked at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from weakref import WeakKeyDictionary

from strawberry.types.graphql import OperationType

from kernel.errors import Fault
from kernel.security.principal import Principal
from kernel.web.pages import CONSOLE, HOME_PLACE, SECTIONS, Menu, Page, Slot

if TYPE_CHECKING:
    from starlette.responses import Response

    from kernel.addons.registry import Registry
    from kernel.app import App
    from kernel.gql.documents import DocumentStore
    from kernel.web.view import View

DOCUMENTS = "pages/documents"
_FOLLOWS = OperationType.SUBSCRIPTION


@dataclass(frozen=True, slots=True)
class Link:
    """A menu entry or a tab as templates see it."""

    path: str
    title: str
    icon: str
    is_current: bool


class Console:
    """What add-ons brought, in the order in which it is shown."""

    def __init__(self, registry: Registry, store: DocumentStore) -> None:
        """store: of the schema; every document must fit it, or Fault says which does not."""
        brought = [page for each in registry.console for page in each.pages]
        self.pages = (*([_HOME] if brought else []), *brought)
        self._slots = sorted((slot for each in registry.console for slot in each.slots), key=_place_of_slot)
        self._menu = sorted((page for page in self.pages if page.menu), key=_place_in_menu)
        self._tabs = sorted((page for page in self.pages if page.tab), key=_place_among_tabs)
        self._documents = _documents(registry)
        problems = [
            f"{owner}: documents/{name}.graphql: {prepared.errors[0].message}"
            for (owner, name), text in self._documents.items()
            if (prepared := store.prepare(text)).errors
        ]
        if problems:
            raise Fault("\n".join(problems))
        self._followed = {
            f"{owner}/{name}": text
            for (owner, name), text in self._documents.items()
            if (operation := store.prepare(text).operation(None)) and operation.kind is _FOLLOWS
        }

    def document(self, owner: str, name: str) -> str:
        """The text of a named document of an add-on. Raises Fault when there is none."""
        text = self._documents.get((owner, name))
        if text is None:
            raise Fault(f"{owner} has no document {name}.graphql")
        return text

    def followed(self, watch: str) -> tuple[str, dict[str, str]] | None:
        """The text and variables of what `View.watch` named; None unless it is a subscription among the named
        documents.
        """
        name, _, query = watch.partition("?")
        text = self._followed.get(name)
        return None if text is None else (text, dict(parse_qsl(query)))

    @property
    def documents(self) -> Mapping[tuple[str, str], str]:
        """All of them by (add-on, name)."""
        return self._documents

    def slots(self, place: str, principal: Principal) -> list[Slot]:
        """What stands at a place for this caller."""
        return [each for each in self._slots if each.place == place and allowed(each.permission, principal)]

    def menu(self, principal: Principal, path: str) -> list[tuple[str, list[Link]]]:
        """Sections with their entries, only those this caller may open; the longest fitting is current."""
        mine = [page for page in self._menu if allowed(page.permission, principal)]
        fitting = {page: length for page in mine if (length := _fits(page, path))}
        current = max(fitting, key=lambda page: fitting[page], default=None)
        return [
            (section, [_entry(page, page is current) for page in mine if _section(page) == section])
            for section in SECTIONS
            if any(_section(page) == section for page in mine)
        ]

    def tabs(self, group: str, principal: Principal, path: str, parameters: Mapping[str, str]) -> list[Link]:
        """The tabs of a group for this caller."""
        found = []
        for page in self._tabs:
            if page.tab and page.tab.group == group and allowed(page.permission, principal):
                place = page.path.format_map(parameters)
                found.append(_link(page, place, place == path))
        return found


async def _home(view: View) -> Response:
    """The first page: cards of every add-on."""
    return view.show("console/home.html", cards=await view.fill(HOME_PLACE))


_HOME = Page("core", CONSOLE, _home, "core.home_title", None, False, "GET", Menu("trade", 0, "home"), None)


_consoles: WeakKeyDictionary[App, Console] = WeakKeyDictionary()


def console_of(app: App) -> Console:
    """The console of an application, made once. Raises Fault when a document does not fit the schema."""
    found = _consoles.get(app)
    if found is None:
        found = _consoles[app] = Console(app.registry, app.schema.documents)
    return found


def allowed(permission: str | None, principal: Principal) -> bool:
    """Whether the principal may see what asks for the permission."""
    return permission is None or principal.may(permission)


def _documents(registry: Registry) -> dict[tuple[str, str], str]:
    return {
        (manifest.name, path.stem): path.read_text(encoding="utf-8")
        for manifest in registry.addons
        for path in sorted((manifest.folder / DOCUMENTS).glob("*.graphql"))
    }


def _fits(page: Page, path: str) -> int:
    """How many characters of the path say that this entry leads there; 0: it does not."""
    assert page.menu is not None
    if page.path == CONSOLE:
        return len(path) if path == CONSOLE else 0
    places = (page.path, *page.menu.also)
    return max((len(each) for each in places if path == each or path.startswith(f"{each}/")), default=0)


def _link(page: Page, path: str, is_current: bool) -> Link:
    return Link(path, page.title, "", is_current)


def _entry(page: Page, is_current: bool) -> Link:
    assert page.menu is not None
    return Link(page.path, page.menu.title or page.title, page.menu.icon, is_current)


def _section(page: Page) -> str:
    return page.menu.section if page.menu else ""


def _place_in_menu(page: Page) -> tuple[int, str]:
    return (page.menu.order if page.menu else 0, page.path)


def _place_among_tabs(page: Page) -> tuple[int, str]:
    return (page.tab.order if page.tab else 0, page.path)


def _place_of_slot(slot: Slot) -> tuple[int, str]:
    return (slot.order, slot.owner)
