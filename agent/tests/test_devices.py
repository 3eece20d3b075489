"""What a printer says, where an agent may print, and how a USB printer is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agent.devices import Devices, driver
from agent.status import told_of_offline, told_of_paper


@pytest.mark.parametrize(
    ("answer", "problem", "paper"),
    [
        (b"", "", "UNKNOWN"),
        (b"\x12", "", "ENOUGH"),
        (b"\x1e", "", "LOW"),
        (b"\x72", "NO_PAPER", "OUT"),
        (b"\x7e", "NO_PAPER", "OUT"),
        (b"\xff", "", "UNKNOWN"),  # no answer to this question
        (b"\x12\x00\x00\x0f", "", "ENOUGH"),  # pushed of its own accord: not ours
    ],
)
def test_the_roll(answer: bytes, problem: str, paper: str) -> None:
    told = told_of_paper(answer)

    assert (told.problem, told.paper) == (problem, paper)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [(b"", ""), (b"\x12", ""), (b"\x16", "COVER_OPEN"), (b"\x32", "NO_PAPER"), (b"\x52", "FAILED")],
)
def test_why_it_is_off_line(answer: bytes, problem: str) -> None:
    assert told_of_offline(answer).problem == problem


@pytest.mark.parametrize(
    ("connection", "is_allowed"),
    [
        ("network:10.0.0.5:9100", True),
        ("network:10.0.0.5:22", False),
        ("network:10.0.0.5:9100:22", False),
        ("file:/dev/usb/lp0", True),
        ("file:/etc/passwd", False),
        ("usb:04b8:0e15", True),
    ],
)
def test_where_an_agent_prints_without_being_told(
    connection: str, is_allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def refuse(devices: Devices, library: Any, connection: str) -> Any:
        opened.append(connection)
        raise driver().ABSENT[0]("not here")

    monkeypatch.setattr(Devices, "_opened", refuse)
    outcome = Devices().print(connection, b"paper")

    assert (outcome.problem, bool(opened)) == (("ABSENT", True) if is_allowed else ("FORBIDDEN", False))


def test_a_file_gets_the_bytes(tmp_path: Path) -> None:
    devices = Devices((f"file:{tmp_path}/*",))

    assert devices.print(f"file:{tmp_path}/lp0", b"\x1b@paper").problem == ""
    assert (tmp_path / "lp0").read_bytes().endswith(b"\x1b@paper")
    assert devices.print(f"file:{tmp_path}/no/lp0", b"paper").problem == "ABSENT"


def test_a_usb_printer_that_is_not_plugged_in_is_absent() -> None:
    outcome = Devices().print("usb:ffff:fffe", b"paper")

    assert (outcome.problem, outcome.is_begun) == ("ABSENT", False)


@dataclass
class Endpoint:
    """As pyusb shows one."""

    bEndpointAddress: int  # noqa: N815
    bmAttributes: int = 2  # noqa: N815 -- bulk


@dataclass
class Interface:
    """As pyusb shows one."""

    bInterfaceClass: int  # noqa: N815
    endpoints: list[Endpoint]

    def __iter__(self) -> Any:
        return iter(self.endpoints)


@dataclass
class UsbDevice:
    """As pyusb shows one, keeping what was written."""

    interfaces: list[Interface]
    written: list[tuple[int, int]] = field(default_factory=list)

    def get_active_configuration(self) -> list[Interface]:
        return self.interfaces

    def write(self, endpoint: int, data: bytes, timeout: int) -> int:
        self.written.append((endpoint, len(data)))
        return len(data) if len(self.written) < 3 else len(data) - 1


def test_endpoints_of_a_usb_printer_are_its_own() -> None:
    hid = Interface(3, [Endpoint(0x83, 3)])
    printer = Interface(7, [Endpoint(0x81, 3), Endpoint(0x82), Endpoint(0x03)])
    deaf = Interface(7, [Endpoint(0x02)])

    assert driver().endpoints_of(UsbDevice([hid, printer])) == (0x03, 0x82)
    assert driver().endpoints_of(UsbDevice([deaf])) == (0x02, None)
    assert driver().endpoints_of(UsbDevice([hid])) is None


def test_a_long_paper_goes_to_usb_in_parts_and_a_short_write_is_noticed() -> None:
    printer = driver().UsbPrinter(0x04B8, 0x0E15, {}, 5.0)
    printer._device = device = UsbDevice([])
    printer.out_ep = 0x03
    with pytest.raises(OSError, match="of 10 bytes"):
        printer._raw(bytes(2 * driver().USB_CHUNK + 10))
    printer._device = False

    assert device.written == [(3, driver().USB_CHUNK), (3, driver().USB_CHUNK), (3, 10)]
