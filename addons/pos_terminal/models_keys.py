"""Tables of keys: what terminals have, exchanges that were asked for, and ceremonies with their components.

Written by services with plain SQL. No column holds a key in clear.
"""

from __future__ import annotations

from tortoise import fields

from addons.pos_terminal.domain.keys import CeremonyState, KeyKind, KeyState, UpdateState
from kernel.data.model import CompanyRow
from kernel.ids import ID_LENGTH

CHECK_LENGTH = 6


class TerminalKey(CompanyRow):
    """One key of a terminal. store: which KeyStore took it in; kept: what that store gave for it, or for a
    PIN key the block as it came, for devices. size: bytes. retired_ms: when it became the previous one.
    """

    terminal_id = fields.CharField(max_length=ID_LENGTH)
    kind = fields.CharEnumField(KeyKind, max_length=4)
    state = fields.CharEnumField(KeyState, max_length=8)
    algorithm = fields.CharField(max_length=1)
    size = fields.IntField()
    check_value = fields.CharField(max_length=CHECK_LENGTH)
    store = fields.CharField(max_length=16)
    kept = fields.TextField()
    loaded_ms = fields.BigIntField()
    loaded_by = fields.CharField(max_length=64)
    retired_ms = fields.BigIntField(null=True)

    class Meta:
        table = "pos_key"
        unique_together = (("terminal_id", "kind", "state"),)


class KeyUpdate(CompanyRow):
    """The last exchange of working keys that was asked for. id: of the terminal."""

    state = fields.CharEnumField(UpdateState, max_length=8)
    code = fields.CharField(max_length=64)  # why it failed
    asked_ms = fields.BigIntField()
    asked_by = fields.CharField(max_length=64)
    ended_ms = fields.BigIntField(null=True)

    class Meta:
        table = "pos_key_update"


class KeyCeremony(CompanyRow):
    """A master key being put together by several people. open_terminal_id: of an open one; it is unique."""

    terminal_id = fields.CharField(max_length=ID_LENGTH)
    open_terminal_id = fields.CharField(max_length=ID_LENGTH, null=True, unique=True)
    state = fields.CharEnumField(CeremonyState, max_length=10)
    algorithm = fields.CharField(max_length=1)
    size = fields.IntField()
    components = fields.IntField()
    check_value = fields.CharField(max_length=CHECK_LENGTH)  # of the whole key, once all are there
    started_ms = fields.BigIntField()
    started_by = fields.CharField(max_length=64)
    expires_ms = fields.BigIntField()
    ended_ms = fields.BigIntField(null=True)
    ended_by = fields.CharField(max_length=64)

    class Meta:
        table = "pos_key_ceremony"
        indexes = (("terminal_id", "id"), ("state", "expires_ms"))


class KeyComponent(CompanyRow):
    """What one person entered; sealed is emptied when the ceremony ends, whichever way."""

    ceremony_id = fields.CharField(max_length=ID_LENGTH)
    number = fields.IntField()
    entered_by = fields.CharField(max_length=64)
    entered_ms = fields.BigIntField()
    check_value = fields.CharField(max_length=CHECK_LENGTH)
    sealed = fields.TextField()

    class Meta:
        table = "pos_key_component"
        unique_together = (("ceremony_id", "number"), ("ceremony_id", "entered_by"))
