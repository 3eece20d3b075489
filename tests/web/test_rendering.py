"""Pages out of templates: who wins, what is escaped, what is missing, and that colours can be read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from addons.organization.pages.agents import name_of_agent
from kernel.addons.registry import Registry
from kernel.config_sections import WebSettings
from kernel.errors import Fault
from kernel.i18n import LANGUAGES, incomplete, read_texts
from kernel.money import Money
from kernel.quantity import Quantity
from kernel.web.formats import format_day, format_moment, format_money, format_quantity
from kernel.web.rendering import KERNEL_FOLDER, Renderer
from kernel.web.themes import THEMES_FOLDER, ThemeError, theme_chain
from tests.gql.shop import manifest

NBSP = "\u00a0"
ROOT = THEMES_FOLDER.parent


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An add-on `paper` with one page, and a theme `night` that changes it."""
    write(
        tmp_path / "paper/pages/templates/paper/slip.html",
        "<p>{% block words %}{{ title }}{% endblock %}</p>",
    )
    write(
        tmp_path / "paper/locale/pages.toml",
        '[hello]\nen = "Hello, {name}"\nru = "Привет, {name}"\nkk = "Сәлем, {name}"\n',
    )
    write(tmp_path / "themes/night/theme.toml", 'name = "night"\ntitle = "Night"\nparent = "default"\n')
    write(tmp_path / "themes/night/tokens.css", ":root { --accent: #fff; }")
    write(
        tmp_path / "themes/night/templates/paper/slip.html",
        '{% extends "original:paper/slip.html" %}{% block words %}night {{ super() }}{% endblock %}',
    )
    return tmp_path


def renderer(home: Path, theme: str = "default") -> Renderer:
    registry = Registry()
    paper = manifest("paper")
    object.__setattr__(paper, "folder", home / "paper")
    with registry.owned_by(paper):
        pass
    registry.freeze()
    return Renderer(registry, WebSettings(theme=theme, themes_path=str(home / "themes")))


def test_a_theme_changes_a_page_and_still_reaches_what_it_replaces(home: Path) -> None:
    context = {"title": "slip"}

    assert renderer(home).render("paper/slip.html", context) == "<p>slip</p>"
    assert renderer(home, "night").render("paper/slip.html", context) == "<p>night slip</p>"


def test_tokens_of_the_chosen_theme_come_after_those_it_stands_on(home: Path) -> None:
    page = renderer(home, "night").render("core/home.html", {"path": "/", "graphql_path": "/graphql"})

    assert page.index("/static/tokens/default.") < page.index("/static/tokens/night.")


def test_the_compact_theme_changes_tokens_and_one_template_and_nothing_else(home: Path) -> None:
    brand = {
        theme: renderer(home, theme).render("console/brand.html", {}) for theme in ("default", "compact")
    }
    usual, compact = renderer(home), renderer(home, "compact")

    assert "<img" in brand["default"]
    assert "<img" not in brand["compact"]
    assert [theme.name for theme in compact.themes] == ["compact", "default"]
    assert compact.assets.url("theme/console.css") == usual.assets.url("theme/console.css")


def test_every_template_of_a_theme_takes_the_place_of_one_that_exists() -> None:
    origins = {
        path.relative_to(root).as_posix()
        for root in (*ROOT.glob("addons/*/pages/templates"), ROOT / "kernel/web/templates",
                     THEMES_FOLDER / "default/templates")
        for path in root.rglob("*.html")
    }  # fmt: skip
    own = {
        path.relative_to(theme / "templates").as_posix()
        for theme in THEMES_FOLDER.iterdir()
        for path in (theme / "templates").rglob("*.html")
    }

    assert own <= origins


def test_what_people_wrote_is_always_escaped(home: Path) -> None:
    page = renderer(home).render("paper/slip.html", {"title": "<script>alert(1)</script>"})

    assert page == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


def test_a_template_cannot_reach_into_python(home: Path) -> None:
    write(home / "paper/pages/templates/paper/evil.html", "{{ title.__class__.__mro__ }}")

    with pytest.raises(SecurityError):
        renderer(home).render("paper/evil.html", {"title": "x"})


def test_an_unknown_name_text_or_template_is_a_fault_not_an_empty_place(home: Path) -> None:
    made = renderer(home)

    with pytest.raises(UndefinedError):
        made.render("paper/slip.html", {})
    with pytest.raises(Fault):
        made.text("paper.nothing", "ru")
    with pytest.raises(Fault):
        made.render("paper/nothing.html", {})
    with pytest.raises(Fault):
        made.assets.url("paper/nothing.css")


def test_texts_of_an_addon_speak_three_languages(home: Path) -> None:
    made = renderer(home)

    assert [made.text("paper.hello", language, name="Aigul") for language in LANGUAGES] == [
        "Привет, Aigul",
        "Сәлем, Aigul",
        "Hello, Aigul",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('name = "other"', "the file says other"),
        ('name = "night"\nbackground = "x"', "unknown keys background"),
        ('name = "night"\nparent = "night"', "in a circle"),
        ('name = "night"\nparent = "absent"', "there is no theme absent"),
    ],
)
def test_a_theme_that_cannot_stand_says_why(home: Path, text: str, complaint: str) -> None:
    write(home / "themes/night/theme.toml", text)

    with pytest.raises(ThemeError, match=complaint):
        theme_chain("night", (home / "themes", THEMES_FOLDER))


def test_texts_of_the_kernels_pages_are_complete() -> None:
    assert incomplete(read_texts(KERNEL_FOLDER / "locale" / "pages.toml")) == []


def test_sums_quantities_and_moments_look_as_people_write_them() -> None:
    moment = datetime(2026, 11, 21, 9, 30, 5, tzinfo=UTC)

    assert format_money(Money(-123456789)) == f"-1{NBSP}234{NBSP}567,89{NBSP}₸"
    assert format_money(Money(123456789), "en") == f"1,234,567.89{NBSP}₸"
    assert [format_quantity(Quantity(value)) for value in (2000, 125, 1500)] == ["2", "0,125", "1,5"]
    assert format_moment(moment, "kk") == "21.11.2026 14:30:05"
    assert format_moment(moment, "en", "Asia/Aqtau") == "2026-11-21 14:30:05"
    assert format_day(date(2026, 1, 2)) == "02.01.2026"


def _tokens() -> Iterator[tuple[str, dict[str, str]]]:
    """Every scheme of every theme of ours, with meanings resolved to colours."""
    blocks: dict[str, dict[str, str]] = {}
    for theme in ("default", "compact"):
        text = (THEMES_FOLDER / theme / "tokens.css").read_text(encoding="utf-8")
        plain = text.partition("@media")[0] + "".join(re.findall(r"^:root\[data-scheme[^}]*}", text, re.M))
        for selector, body in re.findall(r"(:root[^{]*){([^}]*)}", plain):
            scheme = re.search(r'"(\w+)"', selector)
            given = dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", body))
            blocks.setdefault(f"{theme} {scheme[1] if scheme else 'light'}", {}).update(given)
    for theme, scheme in itertools.product(("default", "compact"), ("light", "dark", "contrast")):
        given = blocks["default light"] | blocks[f"default {scheme}"]
        if theme != "default":
            given = given | blocks[f"{theme} light"] | blocks.get(f"{theme} {scheme}", {})
        resolved = {}
        for key, value in given.items():
            while reference := re.fullmatch(r"var\(--([a-z0-9-]+)\)", value):
                value = given[reference[1]]
            resolved[key] = value
        yield f"{theme} {scheme}", resolved


def _luminance(colour: str) -> int | float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("scheme", "tokens"), list(_tokens()), ids=lambda each: each if isinstance(each, str) else ""
)
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("text", "surface"),
        ("text", "surface-raised"),
        ("text", "surface-sunken"),
        ("text-soft", "surface"),
        ("text-soft", "surface-raised"),
        ("accent", "surface-raised"),
        ("on-accent", "accent"),
        ("accent-strong", "accent-soft"),
        ("ok", "ok-soft"),
        ("warn", "warn-soft"),
        ("danger", "danger-soft"),
        ("sheet-text", "sheet-surface"),
    ],
)
def test_every_ink_is_readable_on_its_paper(
    scheme: str, tokens: dict[str, str], ink: str, paper: str
) -> None:
    """WCAG 2.2 §1.4.3: at least 4.5 to 1."""
    high, low = sorted((_luminance(tokens[ink]), _luminance(tokens[paper])), reverse=True)

    assert (high + 0.05) / (low + 0.05) >= 4.5, f"{scheme}: {ink} on {paper}"


def test_styles_name_directions_of_writing_not_sides() -> None:
    """Pages may be mirrored for a language written from the right."""
    sides = re.compile(
        r"(?:margin|padding|border)-(?:left|right)|(?<![-\w])(?:left|right)\s*:|: *(?:left|right) *[;}]"
    )
    sheets = [*ROOT.glob("themes/*/**/*.css"), *ROOT.glob("kernel/web/static/*.css")]
    sheets += ROOT.glob("addons/*/pages/**/*.css")
    found = [
        f"{sheet.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for sheet in sheets
        for number, line in enumerate(sheet.read_text(encoding="utf-8").splitlines(), 1)
        if sides.search(line)
    ]

    assert len(sheets) > 4
    assert found == []


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge · Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36", "Chrome · Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari · iPhone",
        ),
        ("python-httpx/0.28.1", "python-httpx"),
        ("", ""),
    ],
)
def test_browsers_are_called_by_their_names(agent: str, name: str) -> None:
    assert name_of_agent(agent) == name
