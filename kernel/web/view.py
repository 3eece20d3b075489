"""What a console page works with: the caller, the data (named GraphQL documents run in process as the
caller), the form that was sent, and ways to answer.

Whatever a page shows an integrator can query: a page has no other way to data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import structlog
from markupsafe import Markup
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from strawberry.types.graphql import OperationType

from kernel.errors import Fault, Refusal
from kernel.gql.context import GqlContext
from kernel.gql.paging import PAGE_MAX
from kernel.i18n import LANGUAGES, explain
from kernel.security.principal import ANONYMOUS, Principal
from kernel.web.console import Console, Link, allowed
from kernel.web.pages import CONSOLE, Handler
from kernel.web.rendering import LANGUAGE_PARAMETER, language_of, render, renderer_of
from kernel.web.sessions import HOME_COOKIE, WebSession, WebSessions, cookie_of, csrf_of, keep_cookie

if TYPE_CHECKING:
    from kernel.app import App

NOTE_COOKIE = "sauda_note"  # the key of a text, shown once on the next page
LANGUAGE_COOKIE = "sauda_language"
SCHEME_COOKIE = "sauda_scheme"
SCHEMES = ("auto", "light", "dark", "contrast")
CHOICE_KEPT_S = 31_536_000
FORM_FIELDS_MAX = 500
FORM_FILES_MAX = 20
CHOICES_MAX = 400  # of one chooser: a form of ticks must fit into FORM_FIELDS_MAX
UNTITLED = "core.title"

_BAD_VALUE = re.compile(r'at "([\w.]+)"')
_NOTE = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")
_READ, _WRITE = frozenset({OperationType.QUERY}), frozenset({OperationType.MUTATION})

_log = structlog.get_logger("sauda.console")


class Declined(Exception):
    """The API said no; message is in the reader's language. field: path of the input at fault."""

    def __init__(self, code: str, message: str, field: str | None = None, more: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.more = more

    def is_about(self, name: str) -> bool:
        """Whether that field of a form is at fault."""
        return self.field is not None and self.field.rpartition(".")[2] == name


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mutation came to: its value, or why not."""

    value: dict[str, Any]
    refusal: Declined | None = None


class View:
    """One request for a page, or one fragment on it."""

    def __init__(
        self,
        request: Request,
        console: Console,
        *,
        owner: str,
        title: str = UNTITLED,
        session: WebSession | None = None,
        cookie: str = "",
    ) -> None:
        self.request = request
        self.app: App = request.app.state.sauda
        self.console = console
        self.owner = owner
        self.title = title
        self.session = session
        self.cookie = cookie
        self.language = reader_language(request, session)
        self.refusal: Declined | None = None  # of the form that is shown again
        self.values: Mapping[str, str] = {}  # what was written in it
        self._new_cookie: str | None = None
        self._new_home: str | None = None

    @property
    def principal(self) -> Principal:
        """The caller."""
        return self.session.principal if self.session else ANONYMOUS

    @property
    def path(self) -> str:
        """Where we are."""
        return self.request.url.path

    @property
    def here(self) -> str:
        """Where we are, with what was asked for."""
        query = self.request.url.query
        return f"{self.path}?{query}" if query else self.path

    def may(self, permission: str) -> bool:
        """Whether the caller holds the permission."""
        return allowed(permission, self.principal)

    def asked(self, name: str, default: str = "") -> str:
        """A parameter of the address."""
        return self.request.query_params.get(name, default).strip()

    def place(self, name: str) -> str:
        """A part of the path, such as an id."""
        return str(self.request.path_params[name])

    def link(self, **changes: str | None) -> str:
        """This page with other parameters; None takes one away. A change goes back to the first page."""
        kept = dict(self.request.query_params) | {"after": None} | changes
        query = urlencode({name: value for name, value in kept.items() if value})
        return f"{self.path}?{query}" if query else self.path

    def text(self, key: str, **facts: str | int | None) -> str:
        """A text of the pages in the reader's language."""
        return renderer_of(self.app).text(key, self.language, **facts)

    def watch(self, document: str, **variables: str) -> str:
        """Names a subscription among the add-on's documents for `data-watch` of a part of the page: the part
        is read again when it tells something.
        """
        query = urlencode(variables)
        return f"{self.owner}/{document}?{query}" if query else f"{self.owner}/{document}"

    # --- data

    async def query(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of a named query. Raises Declined when any of it was refused."""
        return await self._execute(document, variables, _READ)

    async def every(
        self, document: str, *, limit: int = CHOICES_MAX, **variables: Any
    ) -> list[dict[str, Any]]:
        """Nodes of a query with one list and the variables first and after, read to its end or to the limit:
        what a form chooses from. Raises Declined.
        """
        found: list[dict[str, Any]] = []
        after = None
        while len(found) < limit:
            (page,) = (await self.query(document, first=PAGE_MAX, after=after, **variables)).values()
            found += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
        return found[:limit]

    async def mutate(self, document: str, **variables: Any) -> Outcome:
        """What became of a named mutation with one root field; its `Refused` is the outcome's refusal.

        Raises Declined when the caller may not do it at all.
        """
        try:
            data = await self._execute(document, variables, _WRITE)
        except Declined as declined:
            if declined.code in ("UNAUTHENTICATED", "FORBIDDEN"):
                raise
            return Outcome({}, declined)
        (value,) = data.values()
        if value.get("__typename") == "Refused":
            refusal = Declined(value["code"], value["message"], value.get("field"), value.get("nextAction"))
            return Outcome({}, refusal)
        return Outcome(value)

    async def _execute(
        self, document: str, variables: dict[str, Any], kinds: frozenset[OperationType]
    ) -> dict[str, Any]:
        context = GqlContext(
            self.app,
            self.principal,
            request_id=self.request.scope["sauda.request_id"],
            language=self.language,
        )
        text = self.console.document(self.owner, document)
        result = await self.app.schema.execute(text, variables, context, None, None, kinds)
        if result.errors:
            raise self._declined(result.errors[0])
        assert result.data is not None
        return result.data

    def _declined(self, error: Any) -> Declined:
        extensions = error.extensions or {}
        code = str(extensions.get("code"))
        if code == "BAD_USER_INPUT":  # a value that does not read as what it should be
            place = _BAD_VALUE.search(error.message)
            field = extensions.get("field") or (place[1] if place else None)
            return Declined(code, self.text("core.bad_value"), field)
        return Declined(code, error.message, extensions.get("field"), extensions.get("nextAction"))

    # --- what was sent

    async def form(self) -> Mapping[str, str]:
        """The texts of the form, without spaces around them; of a field given several times the last."""
        form = await self._form()
        return {name: value.strip() for name, value in form.items() if isinstance(value, str)}

    async def chosen(self, name: str) -> list[str]:
        """Every value of a field that may be given several times."""
        return [value for value in (await self._form()).getlist(name) if isinstance(value, str) and value]

    async def files(self, name: str) -> list[tuple[str, bytes]]:
        """Names and contents of the files of a field; read once, for then they are closed."""
        found = [each for each in (await self._form()).getlist(name) if isinstance(each, UploadFile)]
        try:
            return [(each.filename, await each.read()) for each in found if each.filename]
        finally:
            for each in found:
                await each.close()

    async def _form(self) -> FormData:
        return await self.request.form(max_fields=FORM_FIELDS_MAX, max_files=FORM_FILES_MAX)

    # --- answers

    def show(self, template: str, *, status: int = 0, title: str = "", **context: Any) -> Response:
        """A page of the console; title: when it is not the page's own."""
        status = status or (422 if self.refusal else 200)
        note = self.request.cookies.get(NOTE_COOKIE, "")
        response = render(
            self.request,
            template,
            self._context(context) | {"title": title or self.text(self.title), "note": self._known(note)},
            status=status,
            language=self.language,
        )
        response.headers["referrer-policy"] = "same-origin"
        if note:
            response.delete_cookie(NOTE_COOKIE, path=CONSOLE)
        return self._sealed(response)

    def part(self, template: str, **context: Any) -> str:
        """A fragment for a slot."""
        html = renderer_of(self.app).render(template, self._context(context), self.language)
        return Markup(html)

    async def fill(self, place: str, **facts: Any) -> list[str]:
        """The fragments at a place of ours. What goes wrong in one is told there and nowhere else."""
        found = []
        for slot in self.console.slots(place, self.principal):
            view = View(
                self.request, self.console, owner=slot.owner, session=self.session, cookie=self.cookie
            )
            try:
                fragment = await slot.filler(view, **facts)
            except Exception:  # noqa: BLE001 -- one add-on's fragment never takes another's page with it
                _log.exception("a fragment failed", place=place, addon=slot.owner)
                fragment = view.part("console/slot_failed.html", addon=slot.owner)
            if fragment:
                found.append(fragment)
        return found

    def tabs(self, group: str) -> list[Link]:
        """The tabs beside this page."""
        parameters = {name: str(value) for name, value in self.request.path_params.items()}
        return self.console.tabs(group, self.principal, self.path, parameters)

    def go(self, path: str, note: str = "") -> Response:
        """On to another page of ours, which shows the note (the key of a text) once."""
        response = RedirectResponse(own_path(path), status_code=303)
        if note:
            response.set_cookie(NOTE_COOKIE, note, max_age=60, path=CONSOLE, httponly=True, samesite="lax")
        return self._sealed(response)

    async def done(self, outcome: Outcome, path: str, again: Handler, note: str = "core.saved") -> Response:
        """On to the path when it was done; else the page again, with what was written and what is wrong."""
        if outcome.refusal is None:
            return self.go(path, note)
        return await self.again(outcome.refusal, again)

    async def again(self, refusal: Declined, page: Handler) -> Response:
        """The page with what was written in its form and what is wrong with it."""
        self.refusal, self.values = refusal, await self.form()
        self.title = next((each.title for each in self.console.pages if each.handler is page), self.title)
        return await page(self)

    async def begin_session(self, access_token: str) -> None:
        """The browser is signed in from the answer of this request on."""
        sessions = self.app.registry.port(WebSessions)
        self._new_cookie = await sessions.start(self.app.database, access_token)
        self._forget_home()

    async def enter(self, access_token: str) -> None:
        """The browser is a guest's from the answer of this request on; `come_back` leads back."""
        await self.begin_session(access_token)
        self._new_home = self.cookie

    async def come_back(self) -> bool:
        """From a company where one was a guest to one's own session, at once; False: that is over, too."""
        home = cookie_of(self.app, self.request, HOME_COOKIE)
        self.end_session()
        try:
            sessions = self.app.registry.port(WebSessions)
            self.session = await sessions.resume(self.app.database, home, is_active=True)
        except Refusal:
            self.session = None
            return False
        self._new_cookie = self.cookie = home
        return True

    def end_session(self) -> None:
        """The browser forgets its session with the answer of this request."""
        self._new_cookie = ""
        self._forget_home()

    def _forget_home(self) -> None:
        if cookie_of(self.app, self.request, HOME_COOKIE):
            self._new_home = ""

    def _sealed(self, response: Response) -> Response:
        if self._new_cookie is not None:
            keep_cookie(self.app, self.request, response, self._new_cookie)
        if self._new_home is not None:
            keep_cookie(self.app, self.request, response, self._new_home, HOME_COOKIE)
        response.headers["cache-control"] = "no-store"
        return response

    def _known(self, note: str) -> str:
        if not _NOTE.fullmatch(note):
            return ""
        try:
            return self.text(note)
        except Fault:  # somebody else's cookie
            return ""

    def _context(self, context: Mapping[str, Any]) -> dict[str, Any]:
        scheme = self.request.cookies.get(SCHEME_COOKIE, "")
        return {
            "here": self.here,
            "path": self.path,
            "link": self.link,
            "watch": self.watch,
            "may": self.may,
            "explain": lambda code, facts: explain(code, facts, self.language).message,
            "menu": self.console.menu(self.principal, self.path) if self.session else [],
            "person": self.session.person if self.session else "",
            "guest_in": self.session.company if self.session and self.session.is_guest else "",
            "idle_s": self.session.idle_s if self.session else 0,
            "csrf": csrf_of(self.cookie),
            "scheme": scheme if scheme in SCHEMES else SCHEMES[0],
            "schemes": SCHEMES,
            "refusal": self.refusal,
            "values": self.values,
            **context,
        }


def reader_language(request: Request, session: WebSession | None) -> str:
    """By the address, else as chosen in this browser, else by the user for good, else as the browser asks."""
    asked = request.query_params.get(LANGUAGE_PARAMETER) or request.cookies.get(LANGUAGE_COOKIE)
    asked = asked or (session.principal.language if session else None)
    return asked if asked in LANGUAGES else language_of(request)


def given(form: Mapping[str, str], *names: str) -> dict[str, str]:
    """Those fields of a form that were filled in."""
    return {name: form[name] for name in names if form.get(name)}


def own_path(path: str) -> str:
    """The path when it leads to a page of the console, else the console: nobody is sent elsewhere."""
    is_own = path == CONSOLE or path.startswith((f"{CONSOLE}/", f"{CONSOLE}?"))
    return path if is_own and "\\" not in path and not any(ord(each) < 32 for each in path) else CONSOLE


def declined(refusal: Refusal, language: str) -> Declined:
    """A refusal of our own as the reader sees it."""
    text = explain(refusal.code, refusal.facts, language)
    return Declined(refusal.code, text.message, refusal.field, text.next_action)
