"""The three families of error: Refusal (the world said no), Unavailable (a partner is silent), everything
else is a fault.

Texts for people live in `locale/refusals.toml` files; nothing is ever decided by the text of a message.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Fact = str | int | None


class Refusal(Exception):
    """An expected "no", shown to people in their language and never logged as an error.

    code: UPPER_SNAKE, translated in locale/refusals.toml; field: path of the input at fault
    ("lines.0.price"), if any; facts: values for the text. aftermath: a service that Database.transact runs in
    a Work of its own when the refused one was undone: what must stay although it was refused.
    """

    aftermath: Callable[[Any], Awaitable[None]] | None = None

    def __init__(self, code: str, /, *, field: str | None = None, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.facts = facts

    def at(self, field: str) -> Refusal:
        """The same refusal, pointing at a field of the input."""
        moved = Refusal(self.code, field=field, **self.facts)
        moved.aftermath = self.aftermath
        return moved

    def __str__(self) -> str:
        place = f" at {self.field}" if self.field else ""
        return f"{self.code}{place} {self.facts or ''}".rstrip()


class Unavailable(Exception):
    """A partner did not answer; the same request may be tried again later."""

    def __init__(self, code: str, /, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Fault(Exception):
    """A broken promise of our own code or set-up: the operation crashes and somebody is told."""


class AssumedWrong(Fault):
    """What a Work took for granted instead of asking is not so: it is undone and runs again, asking."""


class SetupFault(Fault):
    """This installation cannot work as it is set up: a setting, an address, a file. `problems` has one line
    per reason, for the person at the terminal.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)
