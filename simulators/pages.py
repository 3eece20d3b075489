"""Pages and JSON of the stand-ins: templates, words in three languages, the way to their commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import jinja2
import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kernel.i18n import LANGUAGES, choose_language
from simulators.control import ControlError

BODY_MAX = 64 * 1024  # bytes of a control request
COMMON = Path(__file__).parent / "templates"

Words = Mapping[str, tuple[str, str, str]]  # in the order of LANGUAGES

WORDS: Words = {
    "taken": ("Списано, ₸", "Алынды, ₸", "Taken, ₸"),
    "kind": ("Вид", "Түрі", "Kind"),
    "card": ("Карта", "Карта", "Card"),
    "state": ("Состояние", "Күйі", "State"),
    "reachable": ("принимает соединения", "қосылымдарды қабылдайды", "accepts connections"),
    "unreachable": ("недоступен", "қолжетімсіз", "unreachable"),
}


class Pages:
    """Templates of a folder, and the common ones. words: beside WORDS, or in their place."""

    def __init__(self, folder: Path, words: Words) -> None:
        self._words = {**WORDS, **words}
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader([folder, COMMON]), autoescape=True
        )

    def answer(self, request: Request, name: str, *, status: int = 200, **facts: object) -> Response:
        """A page in the language that `?lang=` or the browser asks for."""
        language = request.query_params.get("lang")
        if language not in LANGUAGES:
            language = choose_language(request.headers.get("accept-language"))
        index = LANGUAGES.index(language)
        words = {key: texts[index] for key, texts in self._words.items()} | {"lang": language}
        page = self._templates.get_template(name)
        return HTMLResponse(
            page.render(t=words, languages=LANGUAGES, url=request.url, **facts), status_code=status
        )


def json_answer(value: object, status: int = 200) -> Response:
    """JSON of a value."""
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")


def limit_of(request: Request, usual: int) -> int:
    """How many newest entries `?limit=` asks for."""
    text = request.query_params.get("limit", "")
    return int(text) if text.isascii() and text.isdigit() else usual


def control_route(perform: Callable[[object], Awaitable[object]]) -> Route:
    """POST /control: one command. perform: gives what is answered, raises ControlError."""

    async def control(request: Request) -> Response:
        body = await request.body()
        if len(body) > BODY_MAX:
            return json_answer({"error": "the request is too long"}, 413)
        try:
            return json_answer(await perform(orjson.loads(body)))
        except orjson.JSONDecodeError:
            return json_answer({"error": "the body is no JSON"}, 400)
        except ControlError as error:
            return json_answer({"error": str(error)}, 400)

    return Route("/control", control, methods=["POST"])
