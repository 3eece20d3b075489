"""What a device says of itself."""

from __future__ import annotations

from dataclasses import dataclass

DEVICE_TEXT_LENGTH = 200  # of its model and its version
DEVICE_SETTINGS_MAX = 30
DEVICE_SETTING_NAME_MAX = 40
DEVICE_SETTING_VALUE_MAX = 80
# As a JSON object, in which a character takes at most two.
DEVICE_SETTINGS_LENGTH = 8_000


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """model: of the machine or its browser; version: of the program; settings: texts by name."""

    model: str
    version: str
    settings: tuple[tuple[str, str], ...] = ()
