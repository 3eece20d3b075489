"""1C's client of the exchange over HTTP: every step as 1C takes it, and as strict about the answers.

It checks what 1C checks and nothing else, so what it accepts 1C accepts. Goods and documents are opaque here.
"""

from __future__ import annotations

import asyncio
import base64
import io
import secrets
import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType

import httpx

from simulators.onec.habits import TRADE, Habits

PATH = "/1c/exchange"
DEFAULT_PATH = "/bitrix/admin/1c_exchange.php"  # put behind an address without a path
XML = b"<?xml"
ZIP = b"PK"


class ExchangeFailed(Exception):
    """1C would show this to its user and stop; step: where it happened."""

    def __init__(self, step: str, answer: str) -> None:
        super().__init__(f"{step}: {answer[:2000]}")
        self.step = step
        self.answer = answer


@dataclass(slots=True)
class Log:
    """What was said and answered, for people and tests."""

    steps: list[tuple[str, str]] = field(default_factory=list)
    polls: int = 0
    pieces: int = 0
    waited: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))


class OneC:
    """One 1C base with its login: `async with OneC(address, login, secret) as base: await base.send(...)`."""

    def __init__(
        self,
        address: str,
        login: str,
        secret: str,
        *,
        habits: Habits = TRADE,
        path: str = PATH,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.habits = habits
        self.log = Log()
        self._path = path
        self._basic = "Basic " + base64.b64encode(f"{login}:{secret}".encode()).decode()
        self._cookie = ""
        self._sessid = ""
        self._http = httpx.AsyncClient(base_url=address, timeout=habits.timeout_s, transport=transport)

    async def __aenter__(self) -> OneC:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    def like(self, **habits: object) -> OneC:
        """The same base with other habits; to be entered on its own."""
        other = OneC.__new__(OneC)
        other.__dict__.update(self.__dict__, habits=replace(self.habits, **habits), log=Log())  # type: ignore[arg-type]
        return other

    @property
    def cookie(self) -> str:
        """By which the server knows this sign-in: "name=value"."""
        return self._cookie

    # --- whole exchanges

    async def send(self, files: Mapping[str, bytes], *, kind: str = "catalog") -> None:
        """A whole exchange of goods. Raises ExchangeFailed where 1C would stop."""
        names = self._in_order(files)
        groups = [[name] for name in names] if self.habits.is_alone else [names]
        for group in groups:
            await self.check_auth(kind)
            is_zip, limit = await self.init(kind)
            await self.upload_all(
                {name: files[name] for name in group}, kind=kind, is_zip=is_zip, limit=limit
            )
            for name in group:
                if name.lower().endswith(".xml"):
                    await self.import_file(name, kind=kind)
        for mode in self.habits.ends:
            await self._simple(mode, kind)

    async def send_portions(self, portions: Sequence[Mapping[str, bytes]]) -> None:
        """A large catalogue: each portion repeats the whole exchange, from the sign-in on."""
        for portion in portions:
            await self.send(portion)

    async def fetch_sales(self, *, acknowledges: bool = True) -> bytes:
        """Documents of sales, told to be taken unless `acknowledges` is off. Raises ExchangeFailed."""
        await self.check_auth("sale")
        await self.init("sale")
        body = await self.query()
        if acknowledges:
            await self._simple("success", "sale")
        return body

    # --- single steps

    async def check_auth(self, kind: str = "catalog") -> None:
        """Sign in; the cookie of the answer goes with every later request."""
        lines = self._lines("checkauth", await self._ask(kind, "checkauth", signs_in=True))
        if not self._is(lines[0], "success") or len(lines) < 3:
            raise ExchangeFailed("checkauth", "\n".join(lines))
        self._cookie = f"{lines[1]}={lines[2]}"
        self._sessid = lines[3] if len(lines) > 3 else ""

    async def init(self, kind: str = "catalog") -> tuple[bool, int]:
        """Whether archives are wanted, and the size of pieces in bytes (0: whole files)."""
        text = await self._ask(kind, "init")
        lines = text.splitlines() if not self.habits.is_strict else text.split("\n")
        if self.habits.is_strict and len(lines) != 2:
            raise ExchangeFailed("init", text)
        answers = dict(line.split("=", 1) for line in lines if "=" in line)
        limit = answers.get("file_limit", "").strip()
        return answers.get("zip") == "yes", int(limit) if limit.isdigit() else 0

    async def upload_all(
        self, files: Mapping[str, bytes], *, kind: str = "catalog", is_zip: bool, limit: int
    ) -> None:
        """Every file: in one archive of a random name, or each by itself."""
        if is_zip:
            name = f"v8_{secrets.token_hex(2).upper()}_{secrets.token_hex(1)}.zip"
            files = {name: zipped(files)}
        for name, content in files.items():
            await self.upload(name, content, kind=kind, limit=limit)

    async def upload(self, name: str, content: bytes, *, kind: str = "catalog", limit: int = 0) -> None:
        """One file, cut by bytes; all pieces go to the same name, in order, without a number."""
        size = limit if limit and self.habits.is_cutting else max(1, len(content))
        for start in range(0, max(1, len(content)), size):
            self.log.pieces += 1
            answer = await self._ask(kind, "file", filename=name, body=content[start : start + size])
            if not self._is(self._lines("file", answer)[0], "success"):
                raise ExchangeFailed("file", answer)

    async def import_file(self, name: str, *, kind: str = "catalog") -> None:
        """Ask until the file is imported."""
        for _ in range(self.habits.polls_max):
            answer = await self._ask(kind, "import", filename=name)
            first = self._lines("import", answer)[0]
            if self._is(first, "success"):
                return
            if not self._is(first, "progress"):
                raise ExchangeFailed("import", answer)
            self.log.polls += 1
            self.log.waited.release()
            if self.habits.poll_pause_s:
                await asyncio.sleep(self.habits.poll_pause_s)
        raise ExchangeFailed("import", f"{name} is still not imported")

    async def waited(self, times: int) -> None:
        """Until an import of this base was told to wait so many times."""
        for _ in range(times):
            await self.log.waited.acquire()

    async def query(self) -> bytes:
        """The document of sales: XML from the first byte on, or an archive of one XML."""
        body = await self._bytes("sale", "query")
        if body.startswith(ZIP):
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                (name,) = archive.namelist()
                body = archive.read(name)
        if not body.startswith(XML):
            raise ExchangeFailed("query", body[:300].decode(errors="replace"))
        return body

    async def info(self) -> bytes:
        """Statuses and means of payment."""
        return await self._bytes("sale", "info")

    async def _simple(self, mode: str, kind: str) -> None:
        answer = await self._ask(kind, mode)
        if not self._is(self._lines(mode, answer)[0], "success"):
            raise ExchangeFailed(mode, answer)

    # --- one request

    async def _ask(
        self, kind: str, mode: str, *, filename: str = "", body: bytes | None = None, signs_in: bool = False
    ) -> str:
        raw = await self._bytes(kind, mode, filename=filename, body=body, signs_in=signs_in)
        text = raw.decode("utf-8")
        self.log.steps.append((mode, text))
        return text

    async def _bytes(
        self, kind: str, mode: str, *, filename: str = "", body: bytes | None = None, signs_in: bool = False
    ) -> bytes:
        """The body whatever the status; an empty one is an error."""
        params = {"type": kind, "mode": mode} | ({"filename": filename} if filename else {})
        query = str(httpx.QueryParams(params)) + (f"&{self._sessid}" if self._sessid and not signs_in else "")
        headers = {}
        if signs_in or self.habits.basic_always:
            headers["Authorization"] = self._basic
        if self._cookie and self.habits.has_cookies and not signs_in:
            headers["Cookie"] = self._cookie
        if body is not None and self.habits.content_type:
            headers["Content-Type"] = self.habits.content_type
        self._http.cookies.clear()
        response = await self._http.request(
            "POST" if body is not None else self.habits.method,
            f"{self._path}?{query}",
            headers=headers,
            content=self._written(body),
        )
        if not response.content:
            raise ExchangeFailed(mode, f"empty answer, status {response.status_code}")
        return response.content

    def _written(self, body: bytes | None) -> bytes | AsyncIterator[bytes] | None:
        if not body or not self.habits.trickle_bytes:
            return body
        return _trickled(body, self.habits.trickle_bytes)

    def _lines(self, step: str, text: str) -> list[str]:
        lines = text.split("\n")
        if not lines[0].strip():
            raise ExchangeFailed(step, text or "an empty answer")
        return lines

    def _is(self, line: str, word: str) -> bool:
        return line == word if self.habits.is_strict else line.strip().lower() == word

    def _in_order(self, files: Mapping[str, bytes]) -> list[str]:
        """The order of the directory, except for those who put goods first."""
        if not self.habits.is_import_first:
            return list(files)
        return sorted(files, key=lambda name: not name.startswith("import"))


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The archive 1C makes of its directory."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


async def _trickled(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]
