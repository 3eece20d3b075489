"""How a 1C base proves who it is: a login with a secret per connection, checked by argon2, then remembered.

A right secret is remembered in this process for a while, so that the hundred requests of one exchange do not
cost a hundred slow hashes; a changed or withdrawn one is noticed at once, because its hash is read each time.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.models import Access, Exchange
from addons.organization.api import CompanyId, Guess, count_guess, forgive
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.origin import current_origin
from kernel.security.passwords import hash_secret, verify_secret
from kernel.security.principal import SYSTEM, Principal
from kernel.security.rate_limits import PASSWORD_POLICY, PLACE_POLICY

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import Reader, SqlRow, Work

REMEMBERED_MAX = 1_000  # of all connections of this process; the oldest go first
REMEMBERED_S = 600
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another when it is typed over
LOGIN_LETTERS = 8
SECRET_LETTERS = 24  # 118 bits

_BY_LOGIN = "SELECT id, company_id, connection_id, secret_hash FROM c1c_access WHERE login = ?"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose 1C base is calling."""

    company_id: CompanyId
    connection_id: ConnectionId


@dataclass(frozen=True, slots=True)
class IssueAccess:
    """Give a connection a login and a secret in place of those it had."""

    connection_id: ConnectionId
    login: str
    secret_hash: str = field(repr=False)


def new_login() -> str:
    """A login nobody else has, short enough to be typed into 1C."""
    return "1c-" + _letters(LOGIN_LETTERS)


def new_secret() -> str:
    """A secret to be shown once."""
    return _letters(SECRET_LETTERS)


async def issue_access(work: Work, command: IssueAccess) -> None:
    """Store the new login; the old one opens nothing any more and its exchanges end."""
    await revoke_access(work, command.connection_id)
    access = Access(
        id=new_id(),
        company_id=work.company_id,
        connection_id=command.connection_id,
        login=command.login,
        secret_hash=command.secret_hash,
        created_at=work.now,
    )
    await access.save(force_create=True)
    await work.audit("catalog_1c.access_issued", command.connection_id, {"login": command.login})


async def revoke_access(work: Work, connection_id: ConnectionId) -> bool:
    """Take the login of a connection away; whether it had one."""
    gone = await Access.filter(connection_id=connection_id).delete()
    await Exchange.filter(connection_id=connection_id, is_open=True).update(is_open=False)
    if gone:
        await work.audit("catalog_1c.access_revoked", connection_id)
    return bool(gone)


class Gate:
    """Checks logins and secrets; one per process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._remembered: dict[bytes, tuple[str, float]] = {}  # who and secret → hash it fits, until when

    async def enter(self, database: Database, login: str, secret: str) -> SignedIn:
        """Whose login it is.

        Raises Refusals C1C_ACCESS_WRONG, AUTH_THROTTLED after many wrong ones; Unavailable when there are too
        many to be checked at once.
        """
        async with database.reading(SYSTEM) as reader:
            row = await _access(reader, login)
        mark = hashlib.blake2b(f"{login}\0{secret}".encode(), key=self._key).digest()
        known_hash, until = self._remembered.get(mark, ("", 0.0))
        if row is None or known_hash != row["secret_hash"] or until < database.clock.monotonic():
            row = await self._check(database, login, secret, row)
            self._remember(mark, row["secret_hash"], database.clock.monotonic() + REMEMBERED_S)
        return SignedIn(CompanyId(row["company_id"]), ConnectionId(row["connection_id"]))

    async def _check(self, database: Database, login: str, secret: str, row: SqlRow | None) -> SqlRow:
        place = current_origin().address
        subject = f"1c:{hashlib.sha256(login.encode()).hexdigest()}"
        guesses = [Guess(subject, PASSWORD_POLICY)]
        if place:
            guesses.append(Guess(f"1c-place:{place}", PLACE_POLICY))
        await count_guess(database, guesses)
        verdict = await verify_secret(None if row is None else row["secret_hash"], secret)
        if row is None or not verdict.is_right:
            raise Refusal("C1C_ACCESS_WRONG")

        async def enter(work: Work) -> None:
            for guess in guesses:
                await forgive(work, guess.subject)
            await work.execute(
                "UPDATE c1c_access SET used_ms = ? WHERE company_id = ? AND id = ?",
                work.now_ms,
                row["company_id"],
                row["id"],
            )

        await database.transact(enter, principal=SYSTEM)
        return row

    def _remember(self, mark: bytes, secret_hash: str, until: float) -> None:
        self._remembered.pop(mark, None)
        while len(self._remembered) >= REMEMBERED_MAX:
            del self._remembered[next(iter(self._remembered))]
        self._remembered[mark] = (secret_hash, until)


async def make_access(
    database: Database, connection_id: ConnectionId, *, principal: Principal
) -> tuple[str, str]:
    """A new login and secret of a connection; the secret is readable here and never again."""
    login, secret = new_login(), new_secret()
    command = IssueAccess(connection_id, login, await hash_secret(secret))
    await database.transact(issue_access, command, principal=principal)
    return login, secret


async def _access(reader: Reader, login: str) -> SqlRow | None:
    return await reader.row(_BY_LOGIN, login[:64])


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))
