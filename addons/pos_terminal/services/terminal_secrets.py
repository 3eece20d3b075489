"""What a driver needs to talk to its terminal, sealed on the terminal's row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from kernel.config_sections import SecuritySettings
from kernel.security.sealed import sealer_for

if TYPE_CHECKING:
    from kernel.data.work import Reader


def seal_secrets(reader: Reader, terminal_id: str, secrets: dict[str, str]) -> str:
    """The text for `secrets_sealed` of that terminal; it opens nowhere else."""
    plain = orjson.dumps(secrets).decode()
    return sealer_for(reader.settings(SecuritySettings)).seal(plain, purpose=_purpose(terminal_id))


def open_secrets(reader: Reader, terminal_id: str, sealed: str) -> dict[str, str]:
    """What `seal_secrets` sealed. Raises Fault for what it did not."""
    plain = sealer_for(reader.settings(SecuritySettings)).open(sealed, purpose=_purpose(terminal_id))
    opened: dict[str, str] = orjson.loads(plain)
    return opened


def _purpose(terminal_id: str) -> str:
    return f"pos_terminal.secrets:{terminal_id}"
