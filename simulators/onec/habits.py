"""How clients of the exchange differ, 1C's own and others: each habit is a field, each client a name."""

from __future__ import annotations

from dataclasses import dataclass, replace

TIMEOUT_S = 180.0
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Habits:
    """is_strict: init has exactly two lines, words are compared exactly. method: of steps without a body.
    basic_always: the login goes with every request; has_cookies: the cookie does. is_cutting: uploads are cut
    by file_limit. trickle_bytes: size of one write, 0 for the whole. content_type: of uploads; "" for none.
    is_alone: a whole exchange for every file. is_import_first: files with goods go before offers.
    poll_pause_s: between questions whether an import is over. ends: what is said at the end.
    """

    is_strict: bool = True
    method: str = "GET"
    basic_always: bool = True
    has_cookies: bool = True
    is_cutting: bool = True
    trickle_bytes: int = 0
    content_type: str = "application/octet-stream"
    is_alone: bool = False
    is_import_first: bool = False
    poll_pause_s: float = 0.0
    polls_max: int = 1_000
    ends: tuple[str, ...] = ()
    timeout_s: float = TIMEOUT_S


TRADE = Habits()  # УТ and Розница: one archive, no pause between polls
SMALL_FIRM = replace(TRADE, is_strict=False, is_import_first=True, poll_pause_s=5.0, timeout_s=1_800.0)
SITE = replace(TRADE, is_strict=False, ends=("deactivate", "complete"), has_cookies=True, basic_always=False)
SCRIPT = replace(TRADE, method="POST", has_cookies=False, is_cutting=False, content_type=FORM, is_alone=True)
HABITS = {"trade": TRADE, "small-firm": SMALL_FIRM, "site": SITE, "script": SCRIPT}
