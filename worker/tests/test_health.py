"""A worker without a gateway still says how it is."""

from __future__ import annotations

import asyncio

from kernel.jobs.drive import run_due
from kernel.jobs.tests.toys import OF_ALMA, Scribe, put
from worker.health import health_page
from worker.tests.conftest import ToyHost
from worker.worker import Worker


async def ask(port: int, line: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{line}\r\nHost: here\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_health_and_metrics_are_told(embedded: ToyHost) -> None:
    worker = Worker(embedded)
    embedded.registry.jobs["healthy"] = Scribe()
    await embedded.database.transact(put, "register:one", 1, 2, kind="healthy", principal=OF_ALMA)
    worker.runner._handlers = dict(embedded.registry.jobs)
    await run_due(embedded.database, runner=worker.runner)

    async with health_page(worker, "127.0.0.1", 0) as port:
        live = await ask(port, "GET /health/live HTTP/1.1")
        metrics = await ask(port, "GET /metrics HTTP/1.1")
        unknown = await ask(port, "GET /secrets HTTP/1.1")
        post = await ask(port, "POST /metrics HTTP/1.1")
        nonsense = await ask(port, "\x00\x01")
        worker.stop()
        stopped = await ask(port, "GET /health/ready HTTP/1.1")

    assert live.startswith("HTTP/1.1 200 OK")
    assert 'sauda_jobs_total{kind="healthy",outcome="done"} 2.0' in metrics
    assert unknown.startswith("HTTP/1.1 404")
    assert post.startswith("HTTP/1.1 405")
    assert nonsense == ""
    assert stopped.startswith("HTTP/1.1 503")
