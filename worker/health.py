"""A health page for a worker that runs without the gateway: `/health/live`, `/health/ready` and `/metrics`,
GET only.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kernel import metrics
from worker.worker import Worker

REQUEST_TIMEOUT_S = 2.0
REQUEST_BYTES_MAX = 8_192


@asynccontextmanager
async def health_page(worker: Worker, host: str, port: int) -> AsyncIterator[int]:
    """Serve the page while the block runs; the port in use (0 takes a free one)."""

    def answer(path: str) -> tuple[str, bytes]:
        match path:
            case "/health/live" | "/health/ready":
                return ("200 OK", b"ok\n") if worker.is_healthy else ("503 Service Unavailable", b"silent\n")
            case "/metrics":
                return "200 OK", metrics.page()
        return "404 Not Found", b"not found\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(TimeoutError, ConnectionError, asyncio.IncompleteReadError, ValueError):
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                method, path, _ = (await reader.readline()).decode("latin-1").split(" ", 2)
                while (await reader.readline()).strip():
                    pass
                status, body = answer(path) if method == "GET" else ("405 Method Not Allowed", b"")
                head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
                writer.write(
                    f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
                )
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, host, port, limit=REQUEST_BYTES_MAX)
    async with server:
        yield server.sockets[0].getsockname()[1]
