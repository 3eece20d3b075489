"""Pages out of templates: the chosen theme first, then its parents, then the add-on, then the kernel.

Templates run in a sandbox with escaping always on. They may be overridden by a theme; one that does so still
reaches what it replaces as `original:<name>`. Which data a page shows is its add-on's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from kernel.addons.registry import Registry
from kernel.app import App
from kernel.config_sections import WebSettings
from kernel.errors import Fault
from kernel.i18n import DEFAULT_LANGUAGE, LANGUAGES, choose_language, fill, read_texts
from kernel.web.assets import Assets, asset_of, assets_in
from kernel.web.formats import filters
from kernel.web.scripts import script_assets
from kernel.web.themes import Theme, chosen_themes

KERNEL_FOLDER = Path(__file__).parent
ORIGINAL = "original:"
PAGE_TEXTS = "pages.toml"
LANGUAGE_PARAMETER = "lang"
ICONS = "theme/icons.svg"


class ThemedLoader(BaseLoader):
    """Looks in themes, then in `<addon>/pages/templates` of every add-on, then in the kernel."""

    def __init__(self, themes: Sequence[Path], origins: Sequence[Path]) -> None:
        self._all = FileSystemLoader([*themes, *origins])
        self._origins = FileSystemLoader(list(origins))

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        if template.startswith(ORIGINAL):
            return self._origins.get_source(environment, template.removeprefix(ORIGINAL))
        return self._all.get_source(environment, template)

    def list_templates(self) -> list[str]:
        return self._all.list_templates()


class Renderer:
    """Templates, texts and files of one set of add-ons under one theme; made once."""

    def __init__(self, registry: Registry, settings: WebSettings) -> None:
        self.themes = chosen_themes(settings)
        self.assets = _assets(self.themes, registry)
        self._texts = _texts(registry)
        loader = ThemedLoader(
            [theme.templates for theme in self.themes],
            [
                *(manifest.folder / "pages" / "templates" for manifest in registry.addons),
                KERNEL_FOLDER / "templates",
            ],
        )
        self._environments = {language: self._environment(loader, language) for language in LANGUAGES}

    def render(self, name: str, context: Mapping[str, Any], language: str = DEFAULT_LANGUAGE) -> str:
        """The template of that name as text. Raises Fault when there is none or a text of it is missing."""
        try:
            template = self._environments[language].get_template(name)
        except TemplateNotFound as error:
            raise Fault(f"there is no template {error}") from error
        return template.render(context)

    def text(self, key: str, language: str, **facts: str | int | None) -> str:
        """The text "<addon>.<key>" of locale/pages.toml. Raises Fault when nobody wrote it."""
        known = self._texts.get(key)
        if known is None or language not in known:
            raise Fault(f"there is no {language} text {key}")
        return fill(known[language], facts)

    def _icon(self, name: str) -> Markup:
        """A symbol of the theme's icons.svg; what it means is said beside it."""
        address = escape(f"{self.assets.url(ICONS)}#{name}")
        return Markup(f'<svg class="icon" aria-hidden="true"><use href="{address}"></use></svg>')

    def _environment(self, loader: BaseLoader, language: str) -> Environment:
        environment = ImmutableSandboxedEnvironment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        environment.filters.update(filters(language))
        environment.globals.update(
            language=language,
            languages=LANGUAGES,
            theme=self.themes[0].name,
            asset=self.assets.url,
            has_asset=lambda name: name in self.assets,
            icon=self._icon,
            # Tokens of the farthest parent first: a theme changes what it stands on.
            token_styles=[self.assets.url(name) for name in _token_names(self.themes)],
            t=lambda key, **facts: self.text(key, language, **facts),
        )
        return environment


_renderers: WeakKeyDictionary[Registry, Renderer] = WeakKeyDictionary()


def renderer_of(app: App) -> Renderer:
    """The renderer of a running application."""
    found = _renderers.get(app.registry)
    if found is None:
        found = _renderers[app.registry] = Renderer(app.registry, app.config.section(WebSettings))
    return found


def language_of(request: Request) -> str:
    """What the reader asked for: `?lang=`, else the browser's wish."""
    asked = request.query_params.get(LANGUAGE_PARAMETER)
    return asked if asked in LANGUAGES else choose_language(request.headers.get("accept-language"))


def render(
    request: Request, name: str, context: Mapping[str, Any], *, status: int = 200, language: str | None = None
) -> HTMLResponse:
    """A page for a browser: `return render(request, "trade/receipt.html", {…})`.

    The gateway adds the headers that keep the page from running or embedding anything foreign.
    """
    language = language or language_of(request)
    page = renderer_of(request.app.state.sauda).render(name, {"path": request.url.path, **context}, language)
    return HTMLResponse(
        page, status_code=status, headers={"Content-Language": language, "Vary": "Accept-Language"}
    )


def _assets(themes: Sequence[Theme], registry: Registry) -> Assets:
    found = assets_in("core", KERNEL_FOLDER / "static")
    for theme in themes:
        found += assets_in("theme", theme.static)
        if (tokens := theme.folder / "tokens.css").exists():
            found.append(asset_of(f"tokens/{theme.name}.css", tokens))
    for manifest in registry.addons:
        found += assets_in(manifest.name, manifest.folder / "pages" / "static" / manifest.name)
    return Assets([*found, *script_assets()])


def _token_names(themes: Sequence[Theme]) -> list[str]:
    return [
        f"tokens/{theme.name}.css" for theme in reversed(themes) if (theme.folder / "tokens.css").exists()
    ]


def _texts(registry: Registry) -> dict[str, Mapping[str, str]]:
    """Texts of pages by "<addon>.<key>"."""
    found: dict[str, Mapping[str, str]] = {}
    homes = [("core", KERNEL_FOLDER), *((manifest.name, manifest.folder) for manifest in registry.addons)]
    for owner, folder in homes:
        path = folder / "locale" / PAGE_TEXTS
        if path.exists():
            found |= {f"{owner}.{key}": entry for key, entry in read_texts(path).items()}
    return found
