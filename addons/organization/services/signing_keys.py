"""Keys of access tokens: kept sealed; the newest signs, an old one is believed until its tokens expire."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from addons.organization.domain.settings import OrganizationSettings
from addons.organization.services.companies import ACCESS_TOPIC
from kernel.config_sections import SecuritySettings
from kernel.security.sealed import Sealer, sealer_for
from kernel.security.tokens import LEEWAY_S, KeySet, SigningKey

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow, Work

KEYS_MAX = 20  # keys in service at once; older ones were retired long ago
DAY_MS = 86_400_000


async def read_keys(reader: Reader) -> KeySet:
    """Keys that are not retired; perhaps none."""
    sealer = sealer_for(reader.settings(SecuritySettings))
    rows = await reader.rows(
        f"""SELECT kid, private, created_ms, retired_ms FROM org_signing_key
            WHERE retired_ms IS NULL OR retired_ms > ? ORDER BY created_ms DESC LIMIT {KEYS_MAX}""",
        reader.now_ms,
    )
    return KeySet(_opened(row, sealer) for row in rows)


async def signing_keys(work: Work) -> KeySet:
    """Keys in service; the first sign-in of an installation makes the first one."""
    keys = await read_keys(work)
    if not keys.kids:
        await rotate_signing_key(work)
        keys = await read_keys(work)
    return keys


async def rotate_signing_key(work: Work) -> str:
    """A new key signs from now on; the others are believed until their tokens expire. Gives its kid."""
    sealer = sealer_for(work.settings(SecuritySettings))
    lifetime_s = work.settings(OrganizationSettings).access_token_s + LEEWAY_S
    key = SigningKey.generate(work.now)
    await work.execute(
        "UPDATE org_signing_key SET retired_ms = ? WHERE retired_ms IS NULL", work.now_ms + lifetime_s * 1000
    )
    private = sealer.seal(base64.b64encode(key.private_raw).decode(), purpose=_purpose(key.kid))
    values: dict[str, Param] = {"kid": key.kid, "private": private, "created_ms": key.created_ms}
    await work.insert("org_signing_key", values)
    await work.audit("organization.rotate_signing_key", f"signing_key:{key.kid}")
    work.notice(ACCESS_TOPIC, key.kid)
    return key.kid


async def rotate_old_signing_key(work: Work) -> None:
    """Rotate when the newest key is older than the settings allow; a schedule calls it."""
    row = await work.row("SELECT MAX(created_ms) AS newest_ms FROM org_signing_key WHERE retired_ms IS NULL")
    newest_ms = row["newest_ms"] if row else None
    if newest_ms is None:
        return
    if work.now_ms - newest_ms >= work.settings(OrganizationSettings).signing_key_days * DAY_MS:
        await rotate_signing_key(work)


def _opened(row: SqlRow, sealer: Sealer) -> SigningKey:
    private = base64.b64decode(sealer.open(row["private"], purpose=_purpose(row["kid"])))
    return SigningKey(row["kid"], private, row["created_ms"], row["retired_ms"])


def _purpose(kid: str) -> str:
    return f"organization.signing_key:{kid}"
