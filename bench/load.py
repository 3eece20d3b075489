"""A frugal HTTP/1.1 client for benches: kept connections, one request in flight on each, answers checked.

It speaks just enough HTTP for a server that answers with Content-Length, so that the load costs a few percent
of a core instead of half of it. Nothing here knows what is measured; the caller gives bodies and a check.

    load = Load("127.0.0.1", port)
    result = await load.run([bodies.next for bodies in registers], seconds=5, check=no_graphql_errors)
"""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import cast

import orjson

from bench.measure import percentile

BODY_MAX = 4 << 20  # bytes of one answer
KEY = "00000000-0000-4000-8000-000000000000"  # replaced by a fresh key in every body

Check = Callable[[int, bytes], str]


@dataclass(slots=True)
class Result:
    """What came back. A failure is a wrong status or whatever the check named; it is not counted as done."""

    seconds: float = 0.0
    done: int = 0
    latencies: list[float] = field(default_factory=list)  # seconds
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

    def ms(self, percent: float) -> float:
        return percentile(self.latencies, percent) * 1000

    def demand_clean(self) -> None:
        """Raises SystemExit when any answer failed: a bench of errors measures nothing."""
        if self.failures or not self.done:
            raise SystemExit(f"{self.done} answers were good, failures: {self.failures.most_common(3)}")


class Bodies:
    """Request bodies of one register: the same operation, a fresh client key each time.

    `variables` holds KEY where the fresh UUID belongs. is_registered: the document goes by its digest.
    """

    def __init__(self, query: str, variables: object, *, seed: int, is_registered: bool = False) -> None:
        document = {"documentId": document_id(query)} if is_registered else {"query": query}
        template = orjson.dumps({**document, "variables": variables})
        if template.count(KEY.encode()) != 1:
            raise ValueError("the variables must hold KEY once")
        self._before, self._after = template.split(KEY.encode())
        self._prefix = (
            f"{seed:08x}-{os.getpid() & 0xFFFF:04x}-4{uuid.uuid4().hex[:3]}-8{uuid.uuid4().hex[:3]}-"
        )
        self._count = 0

    def next(self) -> bytes:
        self._count += 1
        return self._before + f"{self._prefix}{self._count:012x}".encode() + self._after


def document_id(query: str) -> str:
    """The name under which a gateway knows a document it was sent once."""
    return f"sha256:{sha256(query.encode()).hexdigest()}"


def no_graphql_errors(status: int, body: bytes) -> str:
    """The usual check: status 200 and no error in the answer (a GraphQL error is HTTP 200 too)."""
    if status != 200:
        return f"status {status}: {body[:200]!r}"
    if b'"errors"' in body and orjson.loads(body).get("errors"):
        return f"error: {body[:300]!r}"
    return ""


def contains(marker: bytes) -> Check:
    """As no_graphql_errors, and the answer must hold `marker` (a refusal in a union has no errors)."""

    def check(status: int, body: bytes) -> str:
        problem = no_graphql_errors(status, body)
        if problem:
            return problem
        return "" if marker in body else f"unexpected: {body[:300]!r}"

    return check


class Load:
    """Drives one server."""

    def __init__(self, host: str, port: int, path: str = "/graphql", headers: Sequence[str] = ()) -> None:
        self.host, self.port = host, port
        lines = [f"POST {path} HTTP/1.1", f"Host: {host}:{port}", "Content-Type: application/json", *headers]
        self.head = ("\r\n".join(lines) + "\r\nContent-Length: ").encode()

    async def run(
        self, sources: Sequence[Callable[[], bytes]], *, seconds: float, check: Check = no_graphql_errors
    ) -> Result:
        """One connection per source, each asking again as soon as it is answered, for `seconds`.

        The first answer on each connection warms the server up and is not counted. Raises OSError when nobody
        listens.
        """
        result = Result()
        loop = asyncio.get_running_loop()
        clients: list[_Client] = []
        for source in sources:
            client = _Client(self.head, source, check, result)
            await loop.create_connection(lambda client=client: client, self.host, self.port)  # type: ignore[misc]
            await client.ask_once()
            clients.append(client)
        warm_failures = result.failures
        result.done, result.latencies, result.failures = 0, [], Counter()
        began = time.perf_counter()
        for client in clients:
            client.start()
        await asyncio.sleep(seconds)
        for client in clients:
            client.is_running = False
        await asyncio.gather(*(client.idle.wait() for client in clients))
        result.seconds = time.perf_counter() - began
        result.failures.update(warm_failures)
        for client in clients:
            client.close()
        return result


class _Client(asyncio.Protocol):
    def __init__(self, head: bytes, source: Callable[[], bytes], check: Check, result: Result) -> None:
        self.head, self.source, self.check, self.result = head, source, check, result
        self.buffer = bytearray()
        self.sent = 0.0
        self.is_running = False
        self.idle = asyncio.Event()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if not self.idle.is_set():
            self.result.failures["the connection broke"] += 1
            self.idle.set()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    async def ask_once(self) -> None:
        self.ask()
        await self.idle.wait()

    def start(self) -> None:
        self.is_running = True
        self.ask()

    def ask(self) -> None:
        self.idle.clear()
        if self.transport is None:
            self.idle.set()
            return
        body = self.source()
        self.sent = time.perf_counter()
        self.transport.write(b"%b%d\r\n\r\n%b" % (self.head, len(body), body))

    def data_received(self, data: bytes) -> None:
        buffer = self.buffer
        buffer += data
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(buffer[:end]).lower()
        at = head.find(b"content-length:")
        if at < 0:
            self._broken("an answer without Content-Length")
            return
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if length > BODY_MAX:
            self._broken("an answer beyond the limit")
            return
        if len(buffer) < end + 4 + length:
            return
        body = bytes(buffer[end + 4 : end + 4 + length])
        buffer.clear()  # one request in flight: nothing can follow
        self._answered(int(head[9:12]), body)

    def _answered(self, status: int, body: bytes) -> None:
        took = time.perf_counter() - self.sent
        problem = self.check(status, body)
        if problem:
            self.result.failures[problem] += 1
        else:
            self.result.done += 1
            self.result.latencies.append(took)
        if self.is_running:
            self.ask()
        else:
            self.idle.set()

    def _broken(self, why: str) -> None:
        self.result.failures[why] += 1
        self.idle.set()
        self.close()
