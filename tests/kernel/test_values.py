"""Values behave as frozen dataclasses do, and mypy sees them so."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from kernel.values import value


@value
class Place:
    city: str
    street: str = "Abay"


def test_a_value_is_compared_and_hashed_by_its_fields_and_has_no_others() -> None:
    place = Place("Almaty")

    assert place == Place("Almaty", "Abay") != Place("Astana")
    assert len({place, Place("Almaty"), Place("Astana")}) == 2
    assert replace(place, city="Astana") == Place("Astana")
    assert [each.name for each in fields(place)] == ["city", "street"]
    with pytest.raises(AttributeError):
        place.house = 1  # type: ignore[attr-defined]


def test_mypy_forbids_to_change_a_value(tmp_path: Path) -> None:
    story = tmp_path / "story.py"
    story.write_text(
        "from dataclasses import replace\n"
        "from kernel.values import value\n\n"
        "@value\n"
        "class Place:\n"
        "    city: str\n\n"
        "place = Place('Almaty')\n"
        "match place:\n"
        "    case Place(city):\n"
        "        replace(place, city=city)\n"
        "place.city = 'Astana'\n"
    )
    command = (sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(story))

    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout

    assert [line for line in found.splitlines() if "error:" in line] == [
        f'{story}:12: error: Property "city" defined in "Place" is read-only  [misc]'
    ]
