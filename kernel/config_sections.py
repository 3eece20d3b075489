"""Settings of the kernel's own rooms. An add-on declares its section in its own settings.py in the same
manner.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from kernel.config_values import COMPANY, Secret
from kernel.email_address import is_address

# Fiscal records are kept five years unchanged (order 626, part 3, fiscal store).
JOURNAL_YEARS_MIN = 5


@dataclass(frozen=True, slots=True)
class CoreSettings:
    """production: this installation sells; it starts only with software signed by a pinned key."""

    SECTION: ClassVar[str] = "core"

    production: bool = False


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
    trusted_proxies: tuple[str, ...] = ()  # addresses whose X-Forwarded-For is believed


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """`sauda up --tls`: HTTPS with an authority of this installation's own.

    folder: its files; keep them. names: further names and addresses of this machine, such as one given by a
    router. page_port: of the page where devices learn to trust it; 0 takes a free one.
    """

    SECTION: ClassVar[str] = "tls"

    folder: str = "var/tls"
    names: tuple[str, ...] = ()
    page_port: int = 8081


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
    in_gateways: a gateway sends at once what it has accepted itself; no where workers alone reach partners.
    """

    SECTION: ClassVar[str] = "worker"

    lanes_max: int = 1_000
    drain_ms: timedelta = timedelta(seconds=20)
    lease_ms: timedelta = timedelta(seconds=30)
    in_gateways: bool = True
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


class MailTls(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"  # only for a server on this machine
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server letters go through; without a host none are sent.

    sender: the address in From. ca_file: certificates to trust instead of the system's. give_up_ms: a letter
    nobody took for so long is given up. keep_ms: how long letters that ended stay visible.
    """

    SECTION: ClassVar[str] = "mail"

    host: str = ""
    port: int = 587
    user: str = ""
    password: Secret = Secret()
    tls: MailTls = MailTls.STARTTLS
    ca_file: str = ""
    sender: str = ""
    sender_name: str = field(default="", metadata=COMPANY)
    reply_to: str = ""
    give_up_ms: timedelta = timedelta(days=2)
    keep_ms: timedelta = timedelta(days=30)

    def __post_init__(self) -> None:
        for name in ("sender", "reply_to"):
            if getattr(self, name) and not is_address(getattr(self, name)):
                raise ValueError(f"{name} must be one e-mail address")
        if self.host and not self.sender:
            raise ValueError("sender must be set, the address letters come from")
        if self.password and self.tls is MailTls.NONE and self.host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("a password is not sent without TLS: set tls to starttls or tls")


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """keep_years: how long journals and rows of add-ons are kept, whatever somebody asks; five by law."""

    SECTION: ClassVar[str] = "journal"

    keep_years: int = JOURNAL_YEARS_MIN

    def __post_init__(self) -> None:
        if self.keep_years < JOURNAL_YEARS_MIN:
            raise ValueError(f"keep_years must be {JOURNAL_YEARS_MIN} or more")

    @property
    def keep(self) -> timedelta:
        """The term, leap days in the keeper's favour."""
        return timedelta(days=366 * self.keep_years)


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """Who may sign this software (`sauda build`).

    public_key: "ed25519:base64" of those who may, printed by `sauda build keygen`. manifest: file of the
    signed list; its signature lies beside it; empty: sauda.build.json beside our packages.
    """

    SECTION: ClassVar[str] = "build"

    public_key: tuple[str, ...] = ()
    manifest: str = ""


KERNEL_SECTIONS: tuple[type, ...] = (
    CoreSettings,
    DatabaseSettings,
    BusSettings,
    ServerSettings,
    TlsSettings,
    WebSettings,
    WorkerSettings,
    LogSettings,
    SecuritySettings,
    JournalSettings,
    BuildSettings,
    MailSettings,
)
