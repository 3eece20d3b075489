"""The folder in which 1C and we meet: goods files with flags come in, report files go out.

A goods file is claimed by renaming it, so that 1C's next file can never be mistaken for it, read, and given
back under its name with the mark of the format: `#` becomes `@`, or Processed is filled. Reports appear by a
rename. Links, pipes and devices are never opened. Everything here blocks.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from lxml import etree

from addons.catalog_1c.adapters.equipment_xml import name_of, parse, value
from addons.catalog_1c.domain.device_files import FILE_MIB_MAX, TAKEN, DeviceFormat
from addons.catalog_1c.domain.equipment import FileNames
from addons.catalog_1c.services.equipment_ports import Claim, FoundReport, ReportRequest
from kernel.errors import Refusal

P = ParamSpec("P")
T = TypeVar("T")

QUIET_S = 3  # a file without a flag is read when nobody has written to it for so long
FLAG_WAIT_S = 600  # then people are told that the flag of a file does not come
REQUEST_BYTES_MAX = 1_000
SHARED = 0o664  # 1C, of the same group, puts its mark into our files
HEAD_BYTES = 4_096
_CLAIMED = ".sauda-"
_LOCK = ".sauda.lock"
_PLAINLY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_REQUEST = "$$$TRANSACTIONSBYDATERANGE"
_DAY = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")
_LINE_2 = re.compile(rb"\A([^\n]*\n[ \t]*)#")
_PROCESSED = re.compile(rb"""<ExportData[^>]*?\sProcessed\s*=\s*["']\s*([^"'\s]*)""")


@contextmanager
def alone_in(path: Path) -> Iterator[None]:
    """Keep other commands out of the folder. Raises Refusals C1C_LINK_BUSY, C1C_LINK_FOLDER."""
    try:
        lock = (path / _LOCK).open("ab")
    except OSError as error:
        raise _trouble(error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refusal("C1C_LINK_BUSY") from error
        yield


def _told(method: Callable[P, T]) -> Callable[P, T]:
    """What the disk or the network share refuses becomes a Refusal, so that the next look tries again."""

    @wraps(method)
    def calling(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except OSError as error:
            raise _trouble(error) from error

    return calling


class Folder:
    """One link's folder; it exists already."""

    def __init__(self, path: Path, names: FileNames, format: DeviceFormat) -> None:
        self._path = path
        self._names = names
        self._is_xml = format is DeviceFormat.EQUIPMENT

    @_told
    def claim_goods(self) -> Claim | None:
        """Take the goods file out of sight if it is whole and not read; one left over by a crash first.

        Raises also Refusal C1C_LINK_NO_FLAG.
        """
        left = sorted(self._path.glob(f"{_CLAIMED}*-{self._names.goods}"))
        if left:
            return _claim(left[0])
        goods = self._path / self._names.goods
        try:
            status = goods.lstat()
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(status.st_mode):
            raise Refusal("C1C_LINK_FILE_KIND", file=self._names.goods)
        if self._is_marked(_read(goods, HEAD_BYTES)):
            return None
        if not self._is_ready(status):
            return None
        claimed = self._path / f"{_CLAIMED}{secrets.token_hex(8)}-{self._names.goods}"
        try:
            goods.rename(claimed)
        except FileNotFoundError:
            return None
        return _claim(claimed)

    @_told
    def finish_goods(self, claim: Claim, *, is_taken: bool) -> bool:
        """Give the file back with its mark, or put it aside as refused.

        False when it was written to meanwhile and has to be read again.
        """
        if claim.stamp != _claim(claim.path).stamp:
            return False
        goods = self._path / self._names.goods
        if is_taken:
            marked = self._marked(_read(claim.path, FILE_MIB_MAX * 1024**2))
            is_latest = self._publish(marked, goods)
            claim.path.unlink(missing_ok=True)
        else:
            claim.path.replace(self._path / f"{self._names.goods}.refused")
            is_latest = not goods.exists()
        if is_latest and self._names.goods_flag:
            (self._path / self._names.goods_flag).unlink(missing_ok=True)
        return True

    @_told
    def report(self) -> FoundReport | None:
        """The report file, if it is there."""
        path = self._path / self._names.report
        return self._report_at(path) if path.exists() else None

    def _report_at(self, path: Path) -> FoundReport:
        content = _read(path, FILE_MIB_MAX * 1024**2)
        if self._is_xml:
            return FoundReport(None, _is_processed(content))
        lines = [line.strip() for line in content.split(b"\n", 3)[:3]]
        number = int(lines[2]) if len(lines) == 3 and lines[2].isdigit() and len(lines[2]) < 19 else None
        return FoundReport(number if number is not None else -1, lines[0] == TAKEN.encode())

    @_told
    def write_report(self, content: bytes) -> None:
        """Put a report in place of the one before, at once and whole."""
        self._draft(content).replace(self._path / self._names.report)

    @_told
    def remove_report(self) -> FoundReport | None:
        """Take the report away before another one is planned; what it was at that moment."""
        away = self._path / f"{_CLAIMED}{secrets.token_hex(8)}.tmp"
        try:
            (self._path / self._names.report).rename(away)
        except FileNotFoundError:
            return None
        try:
            return self._report_at(away)
        finally:
            away.unlink(missing_ok=True)

    @_told
    def request(self) -> ReportRequest | None:
        """What 1C asks for by its flag file."""
        path = self._path / self._names.report_flag
        if not self._names.report_flag or not path.exists():
            return None
        lines = _read(path, REQUEST_BYTES_MAX).decode("ascii", errors="replace").split("\n")
        if lines[0].strip().lstrip("\ufeff\ufffd").upper() != _REQUEST or len(lines) < 2:
            return ReportRequest()
        match = _DAY.match(lines[1].strip())
        if match is None:
            return ReportRequest()
        day, month, year = map(int, match.groups())
        with suppress(ValueError):
            return ReportRequest(date(year, month, day))
        return ReportRequest()

    @_told
    def drop_request(self) -> None:
        """The request is answered."""
        (self._path / self._names.report_flag).unlink(missing_ok=True)

    def _is_ready(self, status: os.stat_result) -> bool:
        """Whole as far as can be known: its flag is there, or nobody has written to it for a while."""
        age_s = time.time() - status.st_mtime
        flag = self._names.goods_flag
        if not flag:
            return age_s >= QUIET_S
        if (self._path / flag).exists():
            return True
        if age_s >= FLAG_WAIT_S:
            raise Refusal("C1C_LINK_NO_FLAG", file=self._names.goods, flag=flag)
        return False

    def _is_marked(self, head: bytes) -> bool:
        if self._is_xml:
            match = _PROCESSED.search(head)
            return match is not None and match[1].lower() not in (b"", b"false")
        lines = head.split(b"\n", 2)
        return len(lines) > 1 and lines[1].strip() == TAKEN.encode()

    def _marked(self, content: bytes) -> bytes:
        if not self._is_xml:
            return _LINE_2.sub(rb"\1" + TAKEN.encode(), content, count=1)
        root = parse(content, file=self._names.goods)
        if name_of(root) == "ExportData":
            root.set("Processed", f"{datetime.fromtimestamp(time.time(), UTC):%Y-%m-%dT%H:%M:%S}")
        return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))

    def _publish(self, content: bytes, target: Path) -> bool:
        """Give the file its name unless 1C has put a new one there; True when ours is the latest."""
        draft = self._draft(content)
        try:
            os.link(draft, target)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            if target.exists():
                return False
            draft.rename(target)
        finally:
            draft.unlink(missing_ok=True)
        return True

    def _draft(self, content: bytes) -> Path:
        draft = self._path / f"{_CLAIMED}{secrets.token_hex(8)}.tmp"
        try:
            with draft.open("xb") as file:
                os.fchmod(file.fileno(), SHARED)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        return draft


def _claim(path: Path) -> Claim:
    status = path.lstat()
    return Claim(path, (status.st_size, status.st_mtime_ns))


def _read(path: Path, limit: int) -> bytes:
    """At most so many bytes of a plain file; links are not followed, pipes not waited for."""
    descriptor = os.open(path, _PLAINLY)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refusal("C1C_LINK_FILE_KIND", file=path.name)
        return file.read(limit)


def _is_processed(content: bytes) -> bool:
    try:
        root = parse(content, file="")
    except Refusal:
        return False  # 1C is writing its mark at this moment
    return (value(root, "Processed") or "").lower() not in ("", "false")


def _trouble(error: OSError) -> Refusal:
    return Refusal(
        "C1C_LINK_FOLDER", reason=os.strerror(error.errno) if error.errno else type(error).__name__
    )
