"""Coordinates as people write them in a form."""

from __future__ import annotations

from collections.abc import Mapping

DEGREE = 10_000  # coordinates are kept in ten-thousandths


def written_place(form: Mapping[str, str]) -> dict[str, int | str]:
    """Fields latitudeE4 and longitudeE4 out of "latitude" and "longitude", if they were filled in.

    "43.2389" is 432389; what does not read as degrees is left for the API to refuse.
    """
    found: dict[str, int | str] = {}
    for name in ("latitude", "longitude"):
        if text := form.get(name):
            found[f"{name}E4"] = _ten_thousandths(text)
    return found


def _ten_thousandths(text: str) -> int | str:
    whole, _, part = text.replace(",", ".").partition(".")
    sign = -1 if whole.startswith("-") else 1
    if not whole.lstrip("-").isdecimal() or not (part or "0").isdecimal():
        return text
    return sign * (abs(int(whole)) * DEGREE + int(part[:4].ljust(4, "0")))
