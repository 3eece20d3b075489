"""The Authenticator: access tokens of sessions, device tokens and API tokens become principals.

A small cache keeps the hot path off the database; revocations come over the bus or, at the latest, when an
entry gets too old.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from addons.organization.domain.cards import Role
from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.attempts import count_wrong
from addons.organization.services.companies import ACCESS_TOPIC
from addons.organization.services.sessions import is_idle, note_use
from addons.organization.services.signing_keys import read_keys
from kernel.errors import Refusal
from kernel.ids import CompanyId
from kernel.security.api_tokens import API_KINDS, TokenKind, digest_of, kind_of
from kernel.security.principal import SYSTEM, Principal, PrincipalKind
from kernel.security.tokens import LEEWAY_S, AccessClaims, KeySet, looks_like_jwt

if TYPE_CHECKING:
    from kernel.data.database import Database
    from kernel.data.work import SqlRow, Work

PRINCIPALS_MAX = 10_000  # kept at once; the oldest go first
KEYS_REREAD_S = 2  # an unknown key name makes us read the keys at most this often
OF_ACCOUNTS = frozenset({"organization.secure_account"})  # a token has none of its own to look after
DAY_S = 86_400  # what never expires is kept for less than that anyway
USED_EVERY_MS = 60_000  # last use of an API token is written at most once a minute

# A guest's membership is that of the company it comes from.
_SESSION = """
SELECT s.company_id, s.subject_kind, s.subject_id, s.register_id, s.opened_by, s.until_ms,
s.revoked_ms, s.used_ms AS session_used_ms, s.via_company_id, s.permissions,
(SELECT GROUP_CONCAT(x.role) FROM org_member_role x
 WHERE x.user_id = s.subject_id AND x.company_id = s.company_id) AS further_roles,
m.role AS user_role, m.is_active AS member_is_active, u.is_blocked AS user_is_blocked, u.language AS language,
p.role AS operator_role, p.is_active AS operator_is_active
FROM org_session s
LEFT JOIN org_membership m ON m.user_id = s.subject_id
  AND m.company_id = COALESCE(s.via_company_id, s.company_id)
LEFT JOIN org_user u ON u.id = s.subject_id
LEFT JOIN org_operator p ON p.id = s.subject_id AND p.company_id = s.company_id
WHERE s.id = ?
"""
_DEVICE = "SELECT * FROM org_device WHERE digest = ?"
_API_TOKEN = """
SELECT t.*, a.permissions AS account_permissions, a.register_ids AS account_register_ids,
a.is_blocked AS account_is_blocked
FROM org_api_token t LEFT JOIN org_service_account a ON a.id = t.account_id AND a.company_id = t.company_id
WHERE t.digest = ?
"""


@dataclass(frozen=True, slots=True)
class _Known:
    """until_s: monotonic second after which the database is asked again."""

    principal: Principal
    until_s: float


class CachedAuthenticator:
    """One per set of add-ons; serves one database."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._keys = KeySet(())
        self._keys_read_s: float | None = None
        self._tapped: Database | None = None

    async def authenticate(self, database: Database, token: str) -> Principal:
        """See kernel.security.authenticator."""
        self._tap(database)
        known = self._known.get(token)
        if known is not None and known.until_s > database.clock.monotonic():
            return known.principal
        if looks_like_jwt(token):
            principal, left_s = await self._by_session(database, token)
        else:
            principal, left_s = await self._by_opaque(database, token)
        cache_s = database.registry.settings_of(OrganizationSettings).principal_cache_s
        self._known.pop(token, None)
        while len(self._known) >= PRINCIPALS_MAX:
            del self._known[next(iter(self._known))]
        self._known[token] = _Known(principal, database.clock.monotonic() + min(cache_s, left_s))
        return principal

    def forget(self, _subject_id: str = "") -> None:
        """Ask the database again for everybody: somebody's rights changed."""
        self._known.clear()
        self._keys_read_s = None

    def _tap(self, database: Database) -> None:
        if self._tapped is not database:
            self._known.clear()
            self._keys_read_s = None
            self._tapped = database
            database.bus.tap(ACCESS_TOPIC, self.forget)

    async def _by_session(self, database: Database, token: str) -> tuple[Principal, int]:
        claims = await self._verify(database, token)
        async with database.reading(SYSTEM) as reader:
            row = await reader.row(_SESSION, claims.session_id)
            now_ms = reader.now_ms
        if row is None or row["revoked_ms"] is not None or row["until_ms"] <= now_ms:
            raise Refusal("UNAUTHENTICATED", reason="session_ended")
        if row["subject_id"] != claims.subject_id:
            raise Refusal("UNAUTHENTICATED", reason="bad_token")
        settings = database.choices.settings_of(OrganizationSettings, row["company_id"])
        if is_idle(row, settings, now_ms):
            raise Refusal("UNAUTHENTICATED", reason="session_idle")
        principal = _user_of(row) if row["subject_kind"] == PrincipalKind.USER else _operator_of(row)
        permissions = _permissions_of(row, database.registry.roles)
        if settings.session_idle_minutes and now_ms - (row["session_used_ms"] or 0) >= USED_EVERY_MS:
            await database.transact(note_use, claims.session_id, principal=principal)
        left_s = claims.expires_at_s + LEEWAY_S - now_ms // 1000
        return _with(principal, permissions, claims.session_id), left_s

    async def _verify(self, database: Database, token: str) -> AccessClaims:
        now = database.clock.now()
        try:
            return self._keys.verify(token, now=now)
        except Refusal as refusal:
            seconds = database.clock.monotonic()
            is_fresh = self._keys_read_s is not None and seconds - self._keys_read_s < KEYS_REREAD_S
            if refusal.facts.get("reason") != "unknown_key" or is_fresh:
                raise
        self._keys_read_s = seconds
        async with database.reading(SYSTEM) as reader:
            self._keys = await read_keys(reader)
        return self._keys.verify(token, now=now)

    async def _by_opaque(self, database: Database, token: str) -> tuple[Principal, int]:
        row, now_ms, is_device = None, 0, kind_of(token) is TokenKind.DEVICE
        if is_device or kind_of(token) in API_KINDS:
            async with database.reading(SYSTEM) as reader:
                row = await reader.row(_DEVICE if is_device else _API_TOKEN, digest_of(token))
                now_ms = reader.now_ms
        if row is None:
            await count_wrong(database, "token")
            raise Refusal("UNAUTHENTICATED", reason="device_unbound" if is_device else "bad_token")
        if is_device:
            return _device(row, database.registry.roles), DAY_S
        if row["revoked_ms"] is not None or (row["until_ms"] or now_ms + 1) <= now_ms:
            raise Refusal("UNAUTHENTICATED", reason="token_ended")
        role = Role.SERVICE if row["inspect_from_ms"] is None else Role.INSPECTOR
        principal = _service_of(row, database.registry.roles.get(role, frozenset()))
        if now_ms - (row["used_ms"] or 0) >= USED_EVERY_MS:
            await database.transact(_note_use, row["id"], principal=principal)
        left_s = DAY_S if row["until_ms"] is None else (row["until_ms"] - now_ms) // 1000
        return principal, left_s


async def _note_use(work: Work, token_id: str) -> None:
    await work.execute("UPDATE org_api_token SET used_ms = ? WHERE id = ?", work.now_ms, token_id)


def _device(row: SqlRow, roles: Mapping[str, frozenset[str]]) -> Principal:
    if row["revoked_ms"] is not None:
        raise Refusal("UNAUTHENTICATED", reason="device_unbound")
    return Principal(
        PrincipalKind.DEVICE,
        subject_id=row["id"],
        company_id=CompanyId(row["company_id"]),
        permissions=roles.get(Role.DEVICE, frozenset()),
        register_ids=frozenset({row["register_id"]}),
        device_id=row["id"],
    )


def _permissions_of(row: SqlRow, roles: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """What the session's subject may do: its role and further ones, or the little this session is good for. A
    guest has what it was let do, never more than an administrator of the house.
    """
    if row["subject_kind"] != PrincipalKind.USER:
        return roles.get(str(row["operator_role"]), frozenset())
    if row["via_company_id"] is not None:
        return frozenset((row["permissions"] or "").split()) & roles.get(Role.ADMINISTRATOR, frozenset())
    names = [str(row["user_role"] or Role.NEWCOMER), *filter(None, (row["further_roles"] or "").split(","))]
    held = frozenset[str]().union(*(roles.get(name, frozenset()) for name in names))
    return held if row["permissions"] is None else held & frozenset(row["permissions"].split())


def _user_of(row: SqlRow) -> Principal:
    is_member = row["user_role"] is not None and row["member_is_active"]
    if row["user_is_blocked"] or (row["company_id"] and not is_member):
        raise Refusal("UNAUTHENTICATED", reason="blocked")
    return Principal(
        PrincipalKind.USER,
        subject_id=row["subject_id"],
        company_id=CompanyId(row["company_id"]) if row["company_id"] else None,
        language=row["language"],
        via_company_id=row["via_company_id"],
    )


def _operator_of(row: SqlRow) -> Principal:
    if row["operator_role"] is None or not row["operator_is_active"]:
        raise Refusal("UNAUTHENTICATED", reason="blocked")
    return Principal(
        PrincipalKind.OPERATOR,
        subject_id=row["subject_id"],
        company_id=CompanyId(row["company_id"]),
        register_ids=frozenset({row["register_id"]}),
        device_id=row["opened_by"],  # a user who let the operator in is no device, and no device has his id
    )


def _with(principal: Principal, permissions: frozenset[str], session_id: str) -> Principal:
    return replace(principal, permissions=permissions, session_id=session_id)


def _service_of(row: SqlRow, ceiling: frozenset[str]) -> Principal:
    registers = frozenset(row["register_ids"].split())
    given = frozenset(row["permissions"].split()) & ceiling
    if row["account_permissions"] is not None:
        if row["account_is_blocked"]:
            raise Refusal("UNAUTHENTICATED", reason="blocked")
        given &= frozenset(row["account_permissions"].split())
        bounds = frozenset(row["account_register_ids"].split())
        registers = (registers & bounds if registers else bounds) if bounds else registers
        if bounds and not registers:
            raise Refusal("UNAUTHENTICATED", reason="blocked")
    return Principal(
        PrincipalKind.SERVICE,
        subject_id=row["id"] if row["account_permissions"] is None else row["account_id"],
        company_id=CompanyId(row["company_id"]),
        permissions=given if row["inspect_from_ms"] is None else ceiling - OF_ACCOUNTS,
        register_ids=registers or None,
    )
