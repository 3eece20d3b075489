"""Texts for people in Russian, Kazakh and English: refusals explained, a language chosen from what a client
says.

Screens have their own templates; nothing is ever decided by a text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kernel.errors import Fact, Fault

LANGUAGES = ("ru", "kk", "en")
DEFAULT_LANGUAGE = "ru"
REFUSALS_FILE = "refusals.toml"
FILES_KEPT = 128  # parsed files of texts: some three per add-on
ACCEPT_LENGTH_MAX = 200  # characters of Accept-Language that are read

_PLACE = re.compile(r"\{(\w+)\}")
_UNKNOWN = {
    "ru": "Запрос отклонён: {code}.",
    "kk": "Сұрау қабылданбады: {code}.",
    "en": "The request was refused: {code}.",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is wrong and, if there is something to do, what to do next."""

    message: str
    next_action: str | None = None


class Texts:
    """Refusal texts of the kernel and of every loaded add-on."""

    def __init__(self) -> None:
        self._codes: dict[str, Mapping[str, str]] = {}

    def add(self, folder: Path) -> None:
        """Read refusals.toml of a locale folder, if it is there. Whether it is complete is a test
        (AddonChecks).
        """
        path = folder / REFUSALS_FILE
        if path.exists():
            self._codes.update(read_texts(path))

    def __contains__(self, code: str) -> bool:
        return code in self._codes

    @property
    def codes(self) -> frozenset[str]:
        """Every translated code."""
        return frozenset(self._codes)

    def explain(self, code: str, facts: Mapping[str, Fact], language: str) -> Explanation:
        """The text of a refusal in that language.

        A plain sentence with the code when nobody translated it.
        """
        known = self._codes.get(code)
        language = language if language in LANGUAGES else DEFAULT_LANGUAGE
        if known is None:
            return Explanation(_UNKNOWN[language].format(code=code))
        next_action = known.get(f"next_{language}")
        message = known.get(language) or _UNKNOWN[language].format(code=code)
        return Explanation(fill(message, facts), fill(next_action, facts) if next_action else None)


def texts() -> Texts:
    """The texts of this process; the loader adds each add-on's."""
    return _texts


def explain(code: str, facts: Mapping[str, Fact], language: str) -> Explanation:
    """The text of a refusal in that language (ru, kk or en; anything else is taken as ru)."""
    return _texts.explain(code, facts, language)


def fill(text: str, facts: Mapping[str, Fact]) -> str:
    """Put facts into "{name}" places; a place whose fact was not given stays visible."""
    return _PLACE.sub(lambda place: str(facts[place[1]]) if place[1] in facts else place[0], text)


def choose_language(accept: str | None) -> str:
    """The best of ru, kk, en for an Accept-Language header (RFC 9110 §12.5.4).

    Ru when it names none of them.
    """
    ranked: list[tuple[float, int, str]] = []
    for position, part in enumerate((accept or "")[:ACCEPT_LENGTH_MAX].split(",")):
        tag, _, parameters = part.strip().partition(";")
        language = tag.split("-")[0].lower()
        if language in LANGUAGES:
            ranked.append((-_quality(parameters), position, language))
    ranked.sort()
    return ranked[0][2] if ranked and ranked[0][0] < 0 else DEFAULT_LANGUAGE


def read_texts(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Tables by code, parsed once for as long as the file stays as it is. Raises Fault when it is not TOML of
    that shape.
    """
    file = path.stat()
    return _parsed(path, (file.st_mtime_ns, file.st_size))


@lru_cache(maxsize=FILES_KEPT)
def _parsed(path: Path, version: tuple[int, int]) -> Mapping[str, Mapping[str, str]]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Fault(f"{path}: {error}") from error
    for code, entry in table.items():
        if not isinstance(entry, dict) or not all(isinstance(text, str) for text in entry.values()):
            raise Fault(f"{path}: {code} must be a table of texts")
    return table


def incomplete(table: Mapping[str, Mapping[str, str]]) -> list[str]:
    """A line for every code that lacks a language or whose languages do not use the same facts."""
    problems = []
    for code, entry in table.items():
        unknown = set(entry) - set(LANGUAGES) - {f"next_{language}" for language in LANGUAGES}
        problems += [f"{code}: unknown key {key}" for key in sorted(unknown)]
        for kind in ("", "next_"):
            given = [language for language in LANGUAGES if entry.get(kind + language)]
            if given != list(LANGUAGES) and (given or not kind):
                missing = ", ".join(kind + language for language in LANGUAGES if language not in given)
                problems.append(f"{code}: missing {missing}")
            used = {frozenset(names_in(entry[kind + language])) for language in given}
            if len(used) > 1:
                problems.append(f"{code}: {kind or 'the '}texts use different facts")
    return problems


def names_in(text: str) -> set[str]:
    """Names of the facts a text uses."""
    return set(_PLACE.findall(text))


def _quality(parameters: str) -> float:
    """Weight in Accept-Language, 0 to 1; the only place where a float is meant."""
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    digits = value.strip()
    return int(digits.replace(".", "").ljust(4, "0")[:4]) / 1000 if digits.replace(".", "").isdigit() else 0.0


_texts = Texts()
_texts.add(Path(__file__).parent / "locale")
