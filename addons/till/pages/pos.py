"""The cashier screen as files: one page, its modules under an address that names their content, the service
worker that keeps them, and the manifest by which a device installs them.

The program speaks to /graphql only. Documents that the installed add-ons' schema does not know are left out,
and the program leaves out what needs them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import orjson
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from kernel.errors import Fault
from kernel.i18n import LANGUAGES, read_texts
from kernel.web.assets import STATIC_PATH, Asset, asset_answer, asset_of
from kernel.web.rendering import language_of, render, renderer_of

if TYPE_CHECKING:
    from kernel.addons.registry import Registry
    from kernel.app import App

POS_PATH = "/pos"
WORKER_PATH = "/pos/worker.js"
MANIFEST_PATH = "/pos/manifest.webmanifest"
FILE_PATH = "/pos/files/{version}/{name:path}"

HERE = Path(__file__).parent
PROGRAM = HERE / "app"
WORKER = HERE / "worker.js"
TEXTS = HERE.parent / "locale" / "program.toml"
VENDORED = {
    "preact.js": "vendor/htm-preact.js",
    "idb.js": "vendor/idb.js",
    "qr.js": "vendor/uqr.js",
    "zxing/reader/reader.js": "vendor/zxing-reader.js",
    "zxing/share.js": "vendor/zxing-share.js",
    "zxing/reader.wasm": "vendor/zxing-reader.wasm",
}
LATER = "zxing/"  # kept from its first use on: a till with a scanner never needs it
LETTERS = tuple(f"vendor/onest-{part}.woff2" for part in ("latin", "latin-ext", "cyrillic", "cyrillic-ext"))
SHOWN = ("theme/mark.svg", "theme/fonts.css", *LETTERS)  # beside its own files; a theme may lack some
VERSION_LENGTH = 16  # hexadecimal digits
THEME_COLOUR = "#007a87"


@dataclass(frozen=True, slots=True)
class Program:
    """One version of the program: its files by name, and what the page hands to it."""

    version: str
    files: Mapping[str, Asset]
    styles: tuple[str, ...]
    kept: tuple[str, ...]  # addresses the service worker keeps
    settings: Markup
    worker: bytes
    manifest: bytes


async def pos(request: Request) -> Response:
    """The page: an empty frame that the program fills."""
    program = program_of(request.app.state.sauda)
    context = {
        "program": program,
        "start": f"/pos/files/{program.version}/start.js",
        "manifest": MANIFEST_PATH,
    }
    page = render(request, "till/pos.html", context, language=language_of(request))
    page.headers["cache-control"] = "no-cache"
    page.headers["etag"] = f'"{program.version}-{language_of(request)}"'
    return page


async def worker(request: Request) -> Response:
    """The service worker; a new version of any file is a new worker."""
    headers = {"cache-control": "no-cache", "service-worker-allowed": POS_PATH}
    return Response(program_of(request.app.state.sauda).worker, media_type="text/javascript", headers=headers)


async def manifest(request: Request) -> Response:
    """How the program is called and looks once it is installed."""
    body = program_of(request.app.state.sauda).manifest
    return Response(body, media_type="application/manifest+json", headers={"cache-control": "no-cache"})


async def file(request: Request) -> Response:
    """A file of the program. Another version than today's is not found: the page will ask for the new one."""
    program = program_of(request.app.state.sauda)
    asset = program.files.get(request.path_params["name"])
    if asset is None or request.path_params["version"] != program.version:
        return Response(status_code=404, headers={"cache-control": "no-store"})
    return asset_answer(request, asset)


_programs: WeakKeyDictionary[Registry, Program] = WeakKeyDictionary()


def program_of(app: App) -> Program:
    """The program of a running application, read once. Raises Fault when its scripts are not installed."""
    found = _programs.get(app.registry)
    if found is None:
        found = _programs[app.registry] = _read(app)
    return found


def _read(app: App) -> Program:
    assets = renderer_of(app).assets
    files = {path.relative_to(PROGRAM).as_posix(): asset_of(path.name, path) for path in _modules()}
    for name, vendored in VENDORED.items():
        if vendored not in assets:
            raise Fault("the cashier screen needs its scripts: run `make setup`")
        asset = assets.find(assets.url(vendored).removeprefix(STATIC_PATH))
        assert asset is not None
        files[name] = asset
    tokens = [f"tokens/{theme.name}.css" for theme in reversed(renderer_of(app).themes)]
    styles = tuple(assets.url(name) for name in tokens if name in assets)
    documents = {
        path.stem: text
        for path in sorted((PROGRAM / "documents").glob("*.graphql"))
        if not app.schema.documents.prepare(text := path.read_text(encoding="utf-8")).errors
    }
    texts = read_texts(TEXTS)
    settings = {
        "documents": documents,
        "texts": {language: {key: each[language] for key, each in texts.items()} for language in LANGUAGES},
    }
    source = WORKER.read_bytes()
    seen = [asset.digest for asset in files.values()]
    seen += [*styles, hashlib.sha256(source + orjson.dumps(settings)).hexdigest()]
    version = hashlib.sha256("\n".join(seen).encode()).hexdigest()[:VERSION_LENGTH]
    settings["version"] = version
    kept = (
        POS_PATH,
        MANIFEST_PATH,
        *(f"/pos/files/{version}/{name}" for name in files if not name.startswith(LATER)),
        *styles,
        *(assets.url(name) for name in SHOWN if name in assets),
    )
    return Program(
        version=version,
        files=files,
        styles=styles,
        kept=kept,
        settings=_as_data(settings),
        worker=b"const VERSION = %s;\nconst FILES = %s;\n" % (orjson.dumps(version), orjson.dumps(kept))
        + source,
        manifest=_manifest(assets.url("theme/mark.svg")),
    )


def _modules() -> list[Path]:
    return sorted(each for each in PROGRAM.rglob("*") if each.suffix in (".js", ".css"))


def _as_data(settings: Mapping[str, object]) -> Markup:
    """JSON that may stand inside a <script type="application/json">."""
    text = orjson.dumps(settings).decode()
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def _manifest(icon: str) -> bytes:
    return orjson.dumps(
        {
            "name": "Sauda",
            "short_name": "Sauda",
            "id": POS_PATH,
            "start_url": POS_PATH,
            "scope": POS_PATH,
            "display": "standalone",
            "background_color": "#f7f5f0",
            "theme_color": THEME_COLOUR,
            "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}],
        }
    )
