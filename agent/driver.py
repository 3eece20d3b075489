"""Printers through python-escpos, which this module imports at once: load it with agent.devices.driver.

What python-escpos leaves open is settled here: limits for every wait, IPv6, the endpoints of a USB printer.
"""

from __future__ import annotations

import socket
from typing import Any

import usb.core
import usb.util
from escpos.exceptions import DeviceNotFoundError, Error
from escpos.printer import File, Network, Usb

PRINTER_CLASS = 7  # of USB interfaces
ERRORS = (Error, OSError, usb.core.USBError, AssertionError, RuntimeError)
ABSENT = (DeviceNotFoundError, usb.core.NoBackendError)
CONNECT_LIMIT_S = 5.0
USB_CHUNK = 16_384  # bytes of one transfer


class TcpPrinter(Network):  # type: ignore[misc] # untyped base
    """A printer at an address of either kind; each step of sending waits at most `timeout` seconds."""

    is_deaf = False

    def open(self, raise_not_found: bool = True) -> None:
        """Connect. Raises DeviceNotFoundError."""
        if self._device:
            self.close()
        try:
            self.device = socket.create_connection((self.host, self.port), CONNECT_LIMIT_S)
            self.device.settimeout(self.timeout)
        except OSError as error:
            raise DeviceNotFoundError(f"{self.host}:{self.port}: {error}") from error

    def read(self, wait_s: float) -> bytes:
        """What it says within that time; nothing when it is silent."""
        self.device.settimeout(wait_s)
        try:
            return self.device.recv(16)
        except TimeoutError:
            return b""
        finally:
            self.device.settimeout(self.timeout)


class UsbPrinter(Usb):  # type: ignore[misc] # untyped base
    """A printer on USB; its endpoints are read from its own description."""

    is_deaf = False

    def _configure_usb(self) -> None:
        super()._configure_usb()
        found = endpoints_of(self.device)
        if found is not None:
            self.out_ep, self.in_ep = found

    def _raw(self, msg: bytes) -> None:
        for start in range(0, len(msg), USB_CHUNK):
            part = msg[start : start + USB_CHUNK]
            sent = self.device.write(self.out_ep, part, int(self.timeout * 1000))
            if sent != len(part):
                raise OSError(f"{sent} of {len(part)} bytes were taken")

    def read(self, wait_s: float) -> bytes:
        """What it says within that time; nothing when it is silent or can say nothing."""
        if self.in_ep is None:
            return b""
        try:
            return bytes(self.device.read(self.in_ep, 16, int(wait_s * 1000)))
        except usb.core.USBError:
            return b""


class FilePrinter(File):  # type: ignore[misc] # untyped base
    """A device file: what it would say cannot be read, so it is not asked."""

    is_deaf = True

    def read(self, wait_s: float) -> bytes:
        """Nothing."""
        return b""


def endpoints_of(device: Any) -> tuple[int, int | None] | None:
    """Addresses of the bulk endpoints (out, in) of the printer's interface; None when it shows none."""
    for interface in device.get_active_configuration():
        if interface.bInterfaceClass != PRINTER_CLASS:
            continue
        out_ep: int | None = None
        in_ep: int | None = None
        for endpoint in interface:
            if usb.util.endpoint_type(endpoint.bmAttributes) != usb.util.ENDPOINT_TYPE_BULK:
                continue
            if usb.util.endpoint_direction(endpoint.bEndpointAddress) == usb.util.ENDPOINT_IN:
                in_ep = endpoint.bEndpointAddress
            else:
                out_ep = endpoint.bEndpointAddress
        if out_ep is not None:
            return out_ep, in_ep
    return None
