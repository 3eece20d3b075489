"""Browsers and programs as people call them, by the header they send. Nothing trusts it."""

from __future__ import annotations

NAME_MAX = 40  # characters
# The first that is contained: many call themselves what they are like, too.
_BROWSERS = (
    ("YaBrowser/", "Yandex"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def name_of_agent(agent: str) -> str:
    """ "Chrome · Windows"; of a program its own name; "" for nothing."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    known = " · ".join(filter(None, (browser, system)))
    return known or agent.partition("/")[0].strip()[:NAME_MAX]
