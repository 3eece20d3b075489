"""Keys of terminals in a PKCS#11 module: they go in, sign, and never come out. Implements KeyStore.

The library blocks and its sessions belong to one thread, so everything it does runs in a thread of its own.
The extra package `hsm` brings it. Retail MACs are made of what every module has: the chain of single DES is
TDES with three equal keys; its last block with the two steps that follow is TDES of two keys.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from addons.pos_terminal.settings import AcquiringSettings
from kernel.errors import Fault, SetupFault, Unavailable
from kernel.ids import new_id
from protocols.iso8583.crypto import DES_KEY, MAC_SIZE, Algorithm, MacRule
from protocols.iso8583.errors import BadKey

if TYPE_CHECKING:
    from addons.pos_terminal.services.keys_store import ClearKey, KeyPlace
    from kernel.data.database import Database

T = TypeVar("T")
LEFT = ".left"  # label of the single-DES part of a TDES key
DES_BLOCK = 8


class Pkcs11Keys:
    """See addons.pos_terminal.services.keys_store.KeyStore. One session, opened when it is first needed."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pkcs11")
        self._session: Any = None

    async def keep(self, database: Database, place: KeyPlace, clear: ClearKey) -> str:
        """See KeyStore: `kept` is the label of the object."""
        label = f"{place}:{new_id()}"
        await self.within(database, lambda session: _import(session, label, clear))
        return label

    def opened(
        self, database: Database, place: KeyPlace, kept: str, *, algorithm: Algorithm, size: int
    ) -> TokenKey:
        """See KeyStore."""
        if not kept.startswith(f"{place}:"):
            raise Fault("a key of another terminal: rows of pos_key were moved about")
        return TokenKey(self, database, kept, algorithm, size)

    async def forget(self, database: Database, kept: str) -> None:
        """See KeyStore."""
        await self.within(database, lambda session: _destroy(session, kept))

    async def within(self, database: Database, act: Callable[[Any], T]) -> T:
        """Run in the thread of the module with an open session.

        Raises Unavailable("TERMINAL_KEYS_AWAY") when the module fails; the next call opens a new session.
        SetupFault when it is not installed.
        """
        settings = database.registry.settings_of(AcquiringSettings)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._run, settings, act)

    def _run(self, settings: AcquiringSettings, act: Callable[[Any], T]) -> T:
        module = _module()
        try:
            if self._session is None:
                self._session = _opened(module, settings)
            return act(self._session)
        except (module.PKCS11Error, RuntimeError) as error:
            self._session = None
            raise Unavailable("TERMINAL_KEYS_AWAY", reason=type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key in the module. Implements KeyHandle."""

    store: Pkcs11Keys
    database: Database
    label: str
    algorithm: Algorithm
    size: int

    async def mac(self, rule: MacRule, data: bytes) -> bytes:
        """See KeyHandle."""
        if rule.algorithm is not self.algorithm or self.size not in rule.key_sizes:
            raise BadKey("a key of another algorithm")
        if rule is MacRule.CMAC:
            return (await self.cmac(data))[:MAC_SIZE]
        is_retail = rule is MacRule.X9_19
        return await self.store.within(
            self.database, lambda session: _des_mac(session, self.label, data, is_retail=is_retail)
        )

    async def cmac(self, data: bytes) -> bytes:
        """See KeyHandle."""
        return await self.store.within(
            self.database, lambda session: _cmac(session, self.label, self.algorithm, data)
        )


def _module() -> Any:
    try:
        import pkcs11
    except ImportError:
        raise SetupFault(
            ["pos_terminal.key_store: hsm needs the extra package: pip install 'sauda[hsm]'"]
        ) from None
    return pkcs11


def _opened(module: Any, settings: AcquiringSettings) -> Any:
    """A session that may use keys. Who is logged in is so for the whole process."""
    token = module.lib(settings.hsm_module).get_token(token_label=settings.hsm_token)
    try:
        return token.open(user_pin=settings.hsm_pin.reveal(), rw=True)
    except module.UserAlreadyLoggedIn:
        return token.open(rw=True)


def _import(session: Any, label: str, clear: ClearKey) -> None:
    pkcs11 = _module()
    if clear.algorithm is Algorithm.AES:
        _create(session, label, pkcs11.KeyType.AES, clear.key)
        return
    whole = clear.key + clear.key[:DES_KEY] if len(clear.key) == 2 * DES_KEY else clear.key
    _create(session, label, pkcs11.KeyType.DES3, whole)
    _create(session, label + LEFT, pkcs11.KeyType.DES3, clear.key[:DES_KEY] * 3)


def _create(session: Any, label: str, kind: Any, value: bytes) -> None:
    """Stays in the token, is never shown, does nothing but encrypt and sign."""
    attribute = _module().Attribute
    session.create_object(
        {
            attribute.CLASS: _module().ObjectClass.SECRET_KEY,
            attribute.KEY_TYPE: kind,
            attribute.LABEL: label,
            attribute.VALUE: value,
            attribute.TOKEN: True,
            attribute.PRIVATE: True,
            attribute.SENSITIVE: True,
            attribute.EXTRACTABLE: False,
            attribute.SIGN: True,
            attribute.ENCRYPT: True,
            attribute.DECRYPT: False,
            attribute.WRAP: False,
            attribute.UNWRAP: False,
        }
    )


def _found(session: Any, label: str) -> Any:
    pkcs11 = _module()
    return session.get_key(object_class=pkcs11.ObjectClass.SECRET_KEY, label=label)


def _destroy(session: Any, label: str) -> None:
    pkcs11 = _module()
    for name in (label, label + LEFT):
        for each in session.get_objects({pkcs11.Attribute.LABEL: name}):
            each.destroy()


def _cmac(session: Any, label: str, algorithm: Algorithm, data: bytes) -> bytes:
    mechanisms = _module().Mechanism
    mechanism = mechanisms.AES_CMAC if algorithm is Algorithm.AES else mechanisms.DES3_CMAC
    return bytes(_found(session, label).sign(data, mechanism=mechanism))


def _des_mac(session: Any, label: str, data: bytes, *, is_retail: bool) -> bytes:
    """X9.9, or X9.19 when is_retail; the last block is filled with zeros."""
    mechanisms = _module().Mechanism
    whole = data.ljust(max(DES_BLOCK, -(-len(data) // DES_BLOCK) * DES_BLOCK), b"\0")
    left = _found(session, label + LEFT)
    if not is_retail:
        return bytes(left.encrypt(whole, mechanism=mechanisms.DES3_CBC, mechanism_param=bytes(DES_BLOCK)))[
            -DES_BLOCK:
        ]
    before, last = whole[:-DES_BLOCK], whole[-DES_BLOCK:]
    chained = bytes(DES_BLOCK)
    if before:
        chain = left.encrypt(before, mechanism=mechanisms.DES3_CBC, mechanism_param=bytes(DES_BLOCK))
        chained = bytes(chain)[-DES_BLOCK:]
    mixed = bytes(a ^ b for a, b in zip(chained, last, strict=True))
    return bytes(_found(session, label).encrypt(mixed, mechanism=mechanisms.DES3_ECB))
