"""Settings of the kernel's own rooms. An add-on declares its section in its own settings.py in the same
manner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from kernel.config_values import Secret


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """url: `sqlite:///relative.db`, `sqlite:////absolute.db` or `mysql://user:password@host:port/name`."""

    SECTION: ClassVar[str] = "database"

    url: str = "sqlite:///var/sauda.db"


@dataclass(frozen=True, slots=True)
class BusSettings:
    """url: `memory:` within one process, `redis://host:port/0` between processes."""

    SECTION: ClassVar[str] = "bus"

    url: str = "memory:"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the gateway listens; port 0 takes a free one. public_url: how people reach it (receipts, QR
    links). metrics_token: bearer token of the collector of /metrics; empty: only this machine may read it.
    """

    SECTION: ClassVar[str] = "server"

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    request_bytes_max: int = 1_000_000
    metrics_token: Secret = Secret()
    allowed_origins: str = (
        ""  # comma-separated origins of browsers that may call the API; empty: none but our own
    )


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How pages look.

    theme: a folder of themes/; themes_path: further folders with themes, separated by ":".
    """

    SECTION: ClassVar[str] = "web"

    theme: str = "default"
    themes_path: str = ""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """lanes_max: lanes one worker works at a time. drain_ms: how long it finishes its jobs after SIGTERM.

    lease_ms: how long a silent worker keeps a lane from the others; it prolongs what it still works.
    """

    SECTION: ClassVar[str] = "worker"

    lanes_max: int = 1_000
    drain_ms: timedelta = timedelta(seconds=20)
    lease_ms: timedelta = timedelta(seconds=30)
    health_port: int = 0  # 0: no health page


class LogFormat(StrEnum):
    """How log lines look: for people or for machines."""

    CONSOLE = "console"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """level: debug, info, warning or error.

    all_requests: a line for every HTTP request, not only for those that failed or were slow.
    """

    SECTION: ClassVar[str] = "log"

    level: str = "info"
    format: LogFormat = LogFormat.CONSOLE
    all_requests: bool = False

    def __post_init__(self) -> None:
        if self.level not in ("debug", "info", "warning", "error"):
            raise ValueError("level must be debug, info, warning or error")


@dataclass(frozen=True, slots=True)
class SecuritySettings:
    """Keys of this installation.

    seal_key: "name:base64[,name:base64…]", 32 bytes each; the first seals, all open. Empty: read from
    seal_key_file, which is made with mode 600 on the first run.
    """

    SECTION: ClassVar[str] = "security"

    seal_key: Secret = Secret()
    seal_key_file: str = "var/seal.key"


KERNEL_SECTIONS: tuple[type, ...] = (
    DatabaseSettings,
    BusSettings,
    ServerSettings,
    WebSettings,
    WorkerSettings,
    LogSettings,
    SecuritySettings,
)
