"""Where keys lie, and how they are used from there: the port of key stores and the store in the database.

A key in a store is used, never read back: a driver gets `TerminalKeys`, an exchange of keys a `KeyHandle`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from addons.pos_terminal.domain.keys import PREVIOUS_LIFE_MS, KeyKind, KeyState
from addons.pos_terminal.settings import AcquiringSettings
from kernel.config_sections import SecuritySettings
from kernel.errors import Fault
from kernel.security.sealed import sealer_for
from protocols.iso8583.crypto import Algorithm, MacRule, cmac, mac
from protocols.iso8583.errors import BadKey
from protocols.iso8583.key_block import OpenedKey, derivation_inputs, unwrap_derived

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Reader, SqlRow

DATABASE_STORE, HSM_STORE = "database", "hsm"
WRAPPED_STORE = "wrapped"  # of PIN keys: the block as it came, which only a device opens

_MAC_KEYS = """SELECT state, algorithm, size, store, kept, retired_ms FROM pos_key
WHERE terminal_id = ? AND company_id = ? AND kind = ?"""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """To whom a key belongs: a key moved to another terminal or kind does not open."""

    terminal_id: str
    kind: KeyKind

    def __str__(self) -> str:
        return f"pos_terminal.key:{self.terminal_id}:{self.kind}"


@dataclass(frozen=True, slots=True, repr=False)
class ClearKey:
    """A key outside of a store, for a moment."""

    algorithm: Algorithm
    key: bytes


class KeyHandle(Protocol):
    """One key in use."""

    @property
    def algorithm(self) -> Algorithm:
        """Of the key."""
        ...

    @property
    def size(self) -> int:
        """Bytes of the key."""
        ...

    async def mac(self, rule: MacRule, data: bytes) -> bytes:
        """Eight bytes. Raises BadKey when the key is not for this rule."""
        ...

    async def cmac(self, data: bytes) -> bytes:
        """The whole CMAC: what a master key derives the keys of a block with."""
        ...


class KeyStore(Protocol):
    """A place for keys. `kept` is text for a row: what the store needs to find the key again."""

    async def keep(self, database: Database, place: KeyPlace, clear: ClearKey) -> str:
        """Take a key in. Called outside of transactions."""
        ...

    def opened(
        self, database: Database, place: KeyPlace, kept: str, *, algorithm: Algorithm, size: int
    ) -> KeyHandle:
        """The key for use. Raises Fault when it is not what was kept there."""
        ...

    async def forget(self, database: Database, kept: str) -> None:
        """Destroy what the store itself holds of it; one it does not know is no error. Outside of
        transactions.
        """
        ...


@dataclass(frozen=True, slots=True)
class MemoryKey:
    """A key in the memory of this process."""

    algorithm: Algorithm
    key: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """See KeyHandle."""
        return len(self.key)

    async def mac(self, rule: MacRule, data: bytes) -> bytes:
        """See KeyHandle."""
        if rule.algorithm is not self.algorithm:
            raise BadKey("a key of another algorithm")
        return mac(rule, self.key, data)

    async def cmac(self, data: bytes) -> bytes:
        """See KeyHandle."""
        return cmac(self.algorithm, self.key, data)


class DatabaseKeys:
    """Keys sealed with AES-256-GCM in their rows (kernel.security.sealed). Implements KeyStore."""

    async def keep(self, database: Database, place: KeyPlace, clear: ClearKey) -> str:
        """See KeyStore: the sealed key itself."""
        sealer = sealer_for(database.registry.settings_of(SecuritySettings))
        return sealer.seal(clear.key.hex(), purpose=str(place))

    def opened(
        self, database: Database, place: KeyPlace, kept: str, *, algorithm: Algorithm, size: int
    ) -> MemoryKey:
        """See KeyStore."""
        sealer = sealer_for(database.registry.settings_of(SecuritySettings))
        key = bytes.fromhex(sealer.open(kept, purpose=str(place)))
        if len(key) != size:
            raise Fault("a key of another length than its row says")
        return MemoryKey(algorithm, key)

    async def forget(self, database: Database, kept: str) -> None:
        """See KeyStore: it is gone with its row."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """See addons.pos_terminal.domain.driver.TerminalKeys."""

    current: KeyHandle
    previous: KeyHandle | None = None

    async def mac(self, rule: str, data: bytes) -> bytes:
        """See TerminalKeys."""
        return await self.current.mac(MacRule(rule), data)

    async def answer_macs(self, rule: str, data: bytes) -> tuple[bytes, ...]:
        """See TerminalKeys."""
        macs = [await self.current.mac(MacRule(rule), data)]
        if self.previous is not None and self.previous.algorithm is MacRule(rule).algorithm:
            macs.append(await self.previous.mac(MacRule(rule), data))
        return tuple(macs)


def chosen_store(database: Database) -> tuple[str, KeyStore]:
    """The store new keys go to, by the installation's settings."""
    name = database.registry.settings_of(AcquiringSettings).key_store
    return name, store_of(database, name)


def store_of(database: Database, name: str) -> KeyStore:
    """A store by the name in a row. Raises Fault when this installation has none of that name."""
    found = database.registry.offers(KeyStore).get(name)
    if found is None:
        raise Fault(f"no key store {name!r}: pos_terminal.key_store and its extra packages")
    return found


def handle_of(database: Database, terminal_id: str, kind: KeyKind, row: SqlRow) -> KeyHandle:
    """The key of a row of pos_key for use."""
    return store_of(database, row["store"]).opened(
        database,
        KeyPlace(terminal_id, kind),
        row["kept"],
        algorithm=Algorithm(row["algorithm"]),
        size=row["size"],
    )


async def working_keys(reader: Reader, terminal_id: str) -> KeyRing | None:
    """What signs the terminal's messages; None when no keys were exchanged yet.

    Whether they are young enough to begin an operation is terminal_gate's question.
    """
    rows = await reader.rows(_MAC_KEYS, terminal_id, reader.company_id, KeyKind.MAC.value)
    handles = {
        row["state"]: handle_of(reader.database, terminal_id, KeyKind.MAC, row)
        for row in rows
        if row["state"] == KeyState.CURRENT or reader.now_ms - (row["retired_ms"] or 0) < PREVIOUS_LIFE_MS
    }
    current = handles.get(KeyState.CURRENT.value)
    return None if current is None else KeyRing(current, handles.get(KeyState.PREVIOUS.value))


async def open_block(master: KeyHandle, block: str, *, usages: frozenset[str]) -> OpenedKey:
    """A key out of its TR-31 block; the master key never leaves its store. Raises BadKeyBlock."""
    encryption, authentication = [
        b"".join([await master.cmac(data) for data in inputs])[: master.size]
        for inputs in derivation_inputs(master.algorithm, master.size)
    ]
    return unwrap_derived(master.algorithm, (encryption, authentication), block, usages=usages)
