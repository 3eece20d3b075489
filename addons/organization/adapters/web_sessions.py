"""The WebSessions of kernel.web: a cookie stands for a session and is asked about like any access token."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.browsers import (
    KnownBrowser,
    known_browser,
    note_seen,
    remember_browser,
    sign_for,
)
from addons.organization.services.companies import ACCESS_TOPIC
from kernel.security.api_tokens import digest_of
from kernel.security.authenticator import Authenticator
from kernel.security.principal import SYSTEM
from kernel.web.sessions import WebSession

if TYPE_CHECKING:
    from kernel.data.database import Database

TOKENS_MAX = 5_000  # of browsers, kept at once; the oldest go first


class BrowserSessions:
    """One per set of add-ons; keeps the access token of each browser while it is good."""

    news_topic = ACCESS_TOPIC

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator
        self._tokens: dict[str, tuple[str, float]] = {}

    async def start(self, database: Database, access_token: str) -> str:
        """See kernel.web.sessions."""
        principal = await self._authenticator.authenticate(database, access_token)
        return await database.transact(remember_browser, principal, principal=principal)

    async def resume(self, database: Database, cookie: str, *, is_active: bool) -> WebSession:
        """See kernel.web.sessions."""
        async with database.reading(SYSTEM) as reader:
            browser = await known_browser(reader, cookie)
        token = await self._token(database, browser, cookie)
        principal = await self._authenticator.authenticate(database, token)
        if is_active and browser.is_to_note:
            await database.transact(note_seen, browser.id, principal=SYSTEM)
            browser = replace(browser, left_s=browser.idle_s)
        return WebSession(principal, browser.person, browser.idle_s, browser.left_s, browser.company)

    async def _token(self, database: Database, browser: KnownBrowser, cookie: str) -> str:
        """An access token good for a while yet: one per browser, so that the authenticator remembers it."""
        key, now_s = digest_of(cookie), database.clock.monotonic()
        token, until_s = self._tokens.get(key, ("", 0.0))
        if until_s <= now_s:
            token = await database.transact(sign_for, browser, principal=SYSTEM)
            self._tokens.pop(key, None)
            while len(self._tokens) >= TOKENS_MAX:
                del self._tokens[next(iter(self._tokens))]
            lifetime_s = database.registry.settings_of(OrganizationSettings).access_token_s
            self._tokens[key] = (token, now_s + lifetime_s / 2)
        return token
