"""What a name on a receipt must be like where a company keeps the name policy; the names that say nothing are
data/generic_names.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from kernel.errors import Refusal

LENGTH_MIN, LENGTH_MAX = 3, 128
LETTERS_MIN = 3
TABLE = Path(__file__).parent.parent / "data" / "generic_names.toml"
_NO_LETTERS = re.compile(r"[\W\d_]+")


def _plain(name: str) -> str:
    """Its words alone: «Товар № 1» is "товар"."""
    return _NO_LETTERS.sub(" ", name.lower().replace("ё", "е")).strip()


GENERIC = frozenset(
    _plain(name) for names in tomllib.loads(TABLE.read_text(encoding="utf-8")).values() for name in names
)


def check_name(name: str, *, field: str) -> None:
    """Refusals: NAME_POLICY_LENGTH (3 to 128 characters), NAME_POLICY_LETTERS (at least three),
    NAME_POLICY_GENERIC.
    """
    if not LENGTH_MIN <= len(name) <= LENGTH_MAX:
        raise Refusal("NAME_POLICY_LENGTH", field=field, min=LENGTH_MIN, max=LENGTH_MAX)
    if sum(character.isalpha() for character in name) < LETTERS_MIN:
        raise Refusal("NAME_POLICY_LETTERS", field=field, min=LETTERS_MIN)
    if _plain(name) in GENERIC:
        raise Refusal("NAME_POLICY_GENERIC", field=field, name=name)
