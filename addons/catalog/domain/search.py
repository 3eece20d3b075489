"""How texts are folded, cut into words and compared in a search. Tables and ranking do not belong here."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from addons.catalog.domain.keyboard import typed_in_cyrillic, typed_in_latin

SEARCH_KEY_LENGTH = 120
WORD_LENGTH_MAX = 32  # characters; what follows is not looked at
GOOD_WORDS_MAX = 30  # words of one good that are found
GRAM_LENGTH = 3
TYPO_LETTERS_MIN = 4  # shorter words are not mended: too much is one typo away from them
TWO_TYPOS_LETTERS_MIN = 8
# Raise it whenever `search_key` or `words` give something else: stored goods are then indexed anew.
FOLDING_VERSION = 1

_SURROGATES = range(0xD800, 0xE000)
# Kazakh letters as the Russian ones that people type for them, and й and ъ left alone.
_FOLD = str.maketrans(
    {
        **dict(zip("ёәғқңөұүһі", "еагкноуухи", strict=True)),
        **dict.fromkeys('\u00a0«»"“”„', " "),
    }
)
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z]")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")


def folded(text: str) -> str:
    """Lower case, Kazakh letters as their Russian likes, quotes and repeated blanks dropped."""
    return " ".join(text.lower().translate(_FOLD).split())


def search_key(name: str) -> str:
    """Key of a name for a search by its beginning."""
    return folded(name)[:SEARCH_KEY_LENGTH]


def after_prefix(prefix: str) -> str:
    """The first text after everything that begins with the prefix, in order of code points.

    A range walks an index on every database; LIKE does not.
    """
    following = ord(prefix[-1]) + 1
    if following == _SURROGATES.start:
        following = _SURROGATES.stop
    return prefix[:-1] + chr(min(following, sys.maxunicode))


def words(*texts: str) -> tuple[str, ...]:
    """Folded words of the texts, each once, in their order. Letters and digits are words apart ("1л" is "1"
    and "л"), a decimal comma is a point.
    """
    found = (
        word.replace(",", ".")[:WORD_LENGTH_MAX] for text in texts for word in _WORD.findall(folded(text))
    )
    return tuple(dict.fromkeys(found))


def in_other_layouts(text: str) -> Iterator[str]:
    """What the same keys give in another layout of the keyboard: Latin letters as Russian and as Kazakh ones,
    Russian letters as Latin ones. Nothing for a text without letters or with letters of both.
    """
    is_latin, is_cyrillic = _LATIN.search(text), _CYRILLIC.search(text)
    if is_latin and not is_cyrillic:
        yield from dict.fromkeys(typed_in_cyrillic(text))
    elif is_cyrillic and not is_latin:
        yield typed_in_latin(text)


def grams(word: str) -> tuple[str, ...]:
    """Pieces of three characters by which words with a typo are found; the beginning counts twice, the end
    does not, as people type beginnings.
    """
    padded = "  " + word
    return tuple(dict.fromkeys(padded[at : at + GRAM_LENGTH] for at in range(len(padded) - GRAM_LENGTH + 1)))


def typos_allowed(typed: str) -> int:
    """How many typos may be mended in a word: none in short ones and in numbers."""
    if len(typed) < TYPO_LETTERS_MIN or typed[0].isdigit():
        return 0
    return 1 if len(typed) < TWO_TYPOS_LETTERS_MIN else 2


def typos_between(typed: str, word: str) -> int:
    """Letters left out, added, changed or swapped with their neighbour between what was typed and the
    nearest beginning of the word (optimal string alignment).
    """
    word = word[: len(typed) + 2]
    before: list[int] = []
    last = list(range(len(word) + 1))
    for row, letter in enumerate(typed, 1):
        line = [row]
        for column, other in enumerate(word, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != other))
            is_swap = row > 1 and column > 1 and letter == word[column - 2] and typed[row - 2] == other
            line.append(min(cost, before[column - 2] + 1) if is_swap else cost)
        before, last = last, line
    return min(last)
