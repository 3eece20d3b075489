"""One printing of bytes on a printer named by its connection, and what came of it. Blocking: call it in a
thread.

What is allowed is decided by who runs the agent, not by the server: a printer is a way into a shop's network.
"""

from __future__ import annotations

import fnmatch
import logging
import os
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from agent.status import (
    ASK_ENDED,
    ASK_OFFLINE,
    ASK_PAPER,
    Told,
    told_of_offline,
    told_of_paper,
)

if TYPE_CHECKING:
    from types import ModuleType

    from agent.driver import FilePrinter, TcpPrinter, UsbPrinter

SEND_LIMIT_S = 15.0  # of each step of sending
ASK_LIMIT_S = 0.5  # for an answer about the printer's state
ENDED_LIMIT_S = 10.0  # until a printer that tells has printed what it got
QUIET_MAX = 2  # unanswered questions before a printer counts as silent
# Where an agent prints without being told that it may: raw printing ports, devices of printers.
ALLOWED = ("usb:*", "network:*:91[0-9][0-9]", "file:/dev/usb/lp*", "file:/dev/lp*", "file:/dev/ttyUSB*")

NO_PAPER, COVER_OPEN, ABSENT, FAILED, FORBIDDEN = "NO_PAPER", "COVER_OPEN", "ABSENT", "FAILED", "FORBIDDEN"


@dataclass(frozen=True, slots=True)
class Outcome:
    """problem "" : it lies on paper. is_begun: some of it may lie on paper. paper: what the printer says."""

    problem: str = ""
    text: str = ""
    is_begun: bool = False
    paper: str = "UNKNOWN"


@dataclass(slots=True)
class Devices:
    """Knows printers by their connections and which of them answer questions."""

    allowed: tuple[str, ...] = ALLOWED
    ended_limit_s: float = ENDED_LIMIT_S
    _locks: defaultdict[str, Lock] = field(default_factory=lambda: defaultdict(Lock))
    _quiet: dict[tuple[str, str], int] = field(default_factory=dict)

    def print(self, connection: str, content: bytes) -> Outcome:
        """Send the bytes; look before and after, as far as the printer tells."""
        with self._locks[connection]:  # most printers take one caller at a time
            return self._do(connection, content)

    def may_look(self, connection: str) -> bool:
        """Whether asking an idle printer disturbs nobody: one on USB is reset by it, a file cannot answer."""
        return connection.startswith("network:") and self._is_allowed(connection)

    def look(self, connection: str) -> Outcome | None:
        """Only ask how it is; None while it prints."""
        lock = self._locks[connection]
        if not lock.acquire(blocking=False):
            return None
        try:
            return self._do(connection, None)
        finally:
            lock.release()

    def _do(self, connection: str, content: bytes | None) -> Outcome:
        if not self._is_allowed(connection):
            return Outcome(FORBIDDEN, f"{connection}: not among what this agent may print on (--allow)")
        library = driver()
        try:
            printer = self._opened(library, connection)
        except library.ABSENT as error:
            return Outcome(ABSENT, _said(error))
        except library.ERRORS as error:
            return Outcome(FAILED, _said(error))
        is_begun = False
        try:
            before = self._state(printer, connection)
            if before.problem or content is None:
                return Outcome(before.problem, paper=before.paper)
            is_begun = True
            printer._raw(content)
            after = self._printed(printer, connection)
            return Outcome(after.problem, is_begun=bool(after.problem), paper=after.paper)
        except library.ERRORS as error:
            return Outcome(FAILED, _said(error), is_begun=is_begun)
        finally:
            try:
                printer.close()
            except library.ERRORS as error:
                logging.getLogger(__name__).debug("closing %s: %s", connection, error)

    def _is_allowed(self, connection: str) -> bool:
        return any(fnmatch.fnmatchcase(connection, pattern) for pattern in self.allowed)

    def _opened(self, library: ModuleType, connection: str) -> TcpPrinter | UsbPrinter | FilePrinter:
        kind, _, rest = connection.partition(":")
        printer: TcpPrinter | UsbPrinter | FilePrinter
        if kind == "network":
            host, _, port = rest.rpartition(":")
            printer = library.TcpPrinter(host.strip("[]"), int(port), SEND_LIMIT_S)
        elif kind == "usb":
            vendor, _, product = rest.partition(":")
            printer = library.UsbPrinter(int(vendor, 16), int(product, 16), {}, SEND_LIMIT_S)
        else:
            printer = library.FilePrinter(rest)
        printer.open()
        return printer

    def _state(self, printer: TcpPrinter | UsbPrinter | FilePrinter, connection: str) -> Told:
        """What it says of its roll and its cover; a printer that never answers is not asked for ever."""
        paper = told_of_paper(self._ask(printer, connection, ASK_PAPER, ASK_LIMIT_S))
        if paper.problem or paper.paper == "UNKNOWN":
            return paper
        offline = told_of_offline(self._ask(printer, connection, ASK_OFFLINE, ASK_LIMIT_S))
        return offline if offline.problem else paper

    def _printed(self, printer: TcpPrinter | UsbPrinter | FilePrinter, connection: str) -> Told:
        """Wait until it has worked off what it got, if it tells; then how it is."""
        is_silent = self._quiet.get((connection, ASK_PAPER.hex()), 0) > 0
        if is_silent or not self._ask(printer, connection, ASK_ENDED, self.ended_limit_s):
            return self._state(printer, connection)
        state = self._state(printer, connection)
        if state.problem == NO_PAPER:  # it ended after the last line of ours
            return Told(paper="OUT")
        return state if not state.problem else Told(paper=state.paper)

    def _ask(
        self, printer: TcpPrinter | UsbPrinter | FilePrinter, connection: str, question: bytes, wait_s: float
    ) -> bytes:
        key = (connection, question.hex())
        if printer.is_deaf or self._quiet.get(key, 0) >= QUIET_MAX:
            return b""
        printer._raw(question)
        answer = printer.read(wait_s)
        self._quiet[key] = 0 if answer else self._quiet.get(key, 0) + 1
        return answer


@cache
def driver() -> ModuleType:
    """agent.driver, imported when the first paper is printed.

    While it is imported python-escpos leaves a folder behind and sets up logging for everybody; both are
    undone.
    """
    root = logging.getLogger()
    handlers, name = list(root.handlers), "ESCPOS_CAPABILITIES_PICKLE_DIR"
    before = os.environ.get(name)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[name] = folder
        try:
            from agent import driver as library
        finally:
            os.environ.pop(name)
            if before is not None:
                os.environ[name] = before
            root.handlers[:] = handlers
    return library


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:200]
