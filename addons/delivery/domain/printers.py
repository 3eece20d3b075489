"""What a printer is and how an agent reaches it. No tables, no bytes."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from kernel.errors import Refusal
from kernel.texts import one_line

PrinterId = NewType("PrinterId", str)

NAME_LENGTH_MAX = 100
CONNECTION_LENGTH_MAX = 200
PROFILE_LENGTH_MAX = 50
COLUMNS = (32, 42, 48)
PORT_DEFAULT = 9100  # raw printing, as every network printer listens
PRINTERS_MAX = 50  # of one outlet

_USB = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Encoding(StrEnum):
    """How letters reach a printer: by a code page, or all as pictures."""

    CP866 = "cp866"
    CP1251 = "cp1251"
    RK1048 = "rk1048"
    RASTER = "raster"


class Problem(StrEnum):
    """Why a job was not printed, as the code that people get explained."""

    NO_PAPER = "PRINTER_NO_PAPER"
    COVER_OPEN = "PRINTER_COVER_OPEN"
    ABSENT = "PRINTER_ABSENT"  # switched off, not plugged in, another address
    FAILED = "PRINTER_FAILED"  # it answers and does not print
    FORBIDDEN = "PRINTER_FORBIDDEN"  # the agent may not print there
    CUT_OFF = "PRINTER_CUT_OFF"  # the agent ended while printing; nobody knows how far it came


class PaperState(StrEnum):
    """What a printer says about its roll."""

    UNKNOWN = "unknown"  # it does not tell
    ENOUGH = "enough"
    LOW = "low"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class PrinterCard:
    """A printer of an outlet. connection: `usb:04b8:0e15`, `network:10.0.0.5:9100` or `file:/dev/usb/lp0`.

    is_local: printed to by `sauda up` itself. problem: why it does not print now.
    """

    id: PrinterId
    outlet_id: str
    name: str
    connection: str
    columns: int
    encoding: Encoding
    profile: str
    has_knife: bool
    opens_drawer: bool
    is_local: bool
    problem: Problem | None = None
    problem_since_ms: int | None = None
    problem_text: str = ""
    paper: PaperState = PaperState.UNKNOWN
    seen_ms: int | None = None


@dataclass(frozen=True, slots=True)
class PrinterSetup:
    """What a person says about a printer."""

    name: str
    connection: str
    columns: int = 48
    encoding: Encoding = Encoding.CP866
    profile: str = "default"
    has_knife: bool = True
    opens_drawer: bool = False
    is_local: bool = False

    def checked(self) -> PrinterSetup:
        """The same, cleaned.

        Raises Refusal: PRINTER_NAME_WRONG, PRINTER_CONNECTION_MALFORMED, PRINTER_COLUMNS_IMPOSSIBLE,
        PRINTER_PROFILE_MALFORMED.
        """
        name = one_line(self.name)
        if not 0 < len(name) <= NAME_LENGTH_MAX:
            raise Refusal("PRINTER_NAME_WRONG", field="name", max=NAME_LENGTH_MAX)
        if self.columns not in COLUMNS:
            raise Refusal("PRINTER_COLUMNS_IMPOSSIBLE", field="columns")
        if len(self.profile) > PROFILE_LENGTH_MAX or _PROFILE.fullmatch(self.profile) is None:
            raise Refusal("PRINTER_PROFILE_MALFORMED", field="profile")
        return PrinterSetup(
            name,
            check_connection(self.connection),
            self.columns,
            self.encoding,
            self.profile,
            self.has_knife,
            self.opens_drawer,
            self.is_local,
        )


def check_connection(text: str) -> str:
    """The connection in its one spelling. Raises Refusal("PRINTER_CONNECTION_MALFORMED")."""
    kind, _, rest = text.strip().partition(":")
    makers = {"usb": _usb, "network": _network, "file": _file}
    spelled = makers[kind.lower()](rest) if kind.lower() in makers else None
    if spelled is None or len(text) > CONNECTION_LENGTH_MAX:
        raise Refusal("PRINTER_CONNECTION_MALFORMED", field="connection")
    return f"{kind.lower()}:{spelled}"


def _usb(rest: str) -> str | None:
    found = _USB.fullmatch(rest.lower())
    return None if found is None else f"{found[1]}:{found[2]}"


def _network(rest: str) -> str | None:
    if rest.startswith("["):
        host, closed, port = rest[1:].partition("]")
        port = port.removeprefix(":")
        if not closed or not _is_ipv6(host):
            return None
        host = f"[{host}]"
    else:
        host, _, port = rest.partition(":")
        if _HOST.fullmatch(host) is None:
            return None
    port = port or str(PORT_DEFAULT)
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) <= 65_535):
        return None
    return f"{host}:{int(port)}"


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _file(rest: str) -> str | None:
    is_windows = len(rest) > 2 and rest[1:3] == ":\\"
    is_path = rest.startswith(("/", "\\\\")) or is_windows
    is_plain = is_path and rest.isprintable() and ".." not in re.split(r"[/\\]", rest)
    return rest if is_plain else None
