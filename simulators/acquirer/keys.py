"""Keys of one terminal at the host: the master key, and working keys that come into force when they are used.

The host goes on with the keys in force until a message is signed with the new MAC key; the old ones live on
for messages in flight. An answer is signed with the key that signed its request.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from kernel.clock import Clock
from protocols.iso8583.crypto import Algorithm, MacRule, check_value, mac, with_odd_parity
from protocols.iso8583.dialect import Dialect
from protocols.iso8583.errors import MalformedMessage
from protocols.iso8583.key_block import KeyHeader, Usage, wrap
from protocols.iso8583.message import Message
from protocols.iso8583.signing import is_same_mac, split_mac

IN_FLIGHT_S = 120.0
_SIZES = {MacRule.X9_9: 8, MacRule.X9_19: 16, MacRule.CMAC: 16}
_USAGES = {MacRule.X9_9: Usage.MAC_X9_9, MacRule.X9_19: Usage.MAC_RETAIL, MacRule.CMAC: Usage.MAC_CMAC}
MASTER_SIZE = 16


@dataclass(slots=True, repr=False)
class WorkingKeys:
    """What one exchange gave; empty while it was not asked for."""

    pin: bytes = b""
    mac: bytes = b""


@dataclass(slots=True, repr=False)
class HostKeys:
    """loads: how often new keys were given out."""

    master: bytes
    rule: MacRule
    clock: Clock
    current: WorkingKeys = field(default_factory=WorkingKeys)
    pending: WorkingKeys = field(default_factory=WorkingKeys)
    previous: WorkingKeys = field(default_factory=WorkingKeys)
    loads: int = 0
    _changed_s: float = 0.0

    @property
    def has_mac_key(self) -> bool:
        """Whether a signed message can come at all."""
        return bool(self.current.mac or self.pending.mac)

    @property
    def pin_keys(self) -> list[bytes]:
        """With any of them a PIN block may have been made."""
        return [each.pin for each in (self.current, self.previous) if each.pin]

    def give_pin_key(self) -> str:
        """Element 62: check value and key block of a new PIN key."""
        algorithm = self.rule.algorithm
        if self.pending.mac and not self.current.mac:  # given out before, and never used yet
            self.current, self.pending = self.pending, WorkingKeys()
        self.pending.pin = _made(algorithm, 16)
        return self._block(algorithm, Usage.PIN, "E", self.pending.pin)

    def give_mac_key(self) -> str:
        """Element 62: check value and key block of a new MAC key."""
        algorithm = self.rule.algorithm
        size = _SIZES[self.rule]
        self.pending.mac = _made(algorithm, max(size, 16))
        self.loads += 1
        return self._block(algorithm, _USAGES[self.rule], "C", self.pending.mac)

    def signer(self, dialect: Dialect, data: bytes, message: Message) -> bytes | None:
        """The MAC key that signed a received message; None when no known one did."""
        try:
            signed, found = split_mac(dialect, data, message)
        except MalformedMessage:
            return None
        if self._is_of(self.current.mac, dialect, signed, found):
            return self.current.mac
        if self._is_of(self.pending.mac, dialect, signed, found):
            self.previous, self.current, self.pending = self.current, self.pending, WorkingKeys()
            self._changed_s = self.clock.monotonic()
            return self.current.mac
        is_alive = self.clock.monotonic() - self._changed_s <= IN_FLIGHT_S
        if is_alive and self._is_of(self.previous.mac, dialect, signed, found):
            return self.previous.mac
        return None

    def forget(self) -> None:
        """As a host that was restored: nothing that is signed verifies until keys are exchanged."""
        self.current = self.pending = self.previous = WorkingKeys()

    def _is_of(self, key: bytes, dialect: Dialect, signed: bytes, found: bytes) -> bool:
        return bool(key) and is_same_mac(dialect, found, mac(self.rule, key, signed))

    def _block(self, algorithm: Algorithm, usage: Usage, mode: str, key: bytes) -> str:
        version = "D" if algorithm is Algorithm.AES else "B"
        return check_value(algorithm, key) + wrap(
            self.master, KeyHeader(version, usage, algorithm, mode), key
        )


def _made(algorithm: Algorithm, size: int) -> bytes:
    key = os.urandom(size)
    return key if algorithm is Algorithm.AES else with_odd_parity(key)
