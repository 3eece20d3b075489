"""Processes of an installation: started with their settings, waited for, ended or killed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

START_WAIT_S = 180.0
STOP_WAIT_S = 90.0
POLL_S = 0.05
ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ProcessEnded(Exception):
    """A process ended, or did not become ready; the message holds the end of its output."""


class Process:
    """One `sauda …` process, which does not outlive this one; its output goes to a file for the failure
    report.
    """

    def __init__(self, arguments: list[str], environ: Mapping[str, str], log: Path) -> None:
        self._arguments = arguments
        self._environ = _whole(environ)
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def output(self) -> str:
        """What it printed so far."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    async def start(self) -> None:
        """Start it; returns at once."""
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "simulators.leashed",
                *self._arguments,
                env=self._environ,
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
            )

    async def ready(self, address: str) -> None:
        """Wait until /health/ready says yes. Fails with the output when the process ends before."""
        assert self._process is not None
        async with httpx.AsyncClient(verify=False) as client:
            for _ in range(int(START_WAIT_S / POLL_S)):
                if self._process.returncode is not None:
                    raise ProcessEnded(
                        f"{self._arguments} ended with {self._process.returncode}:\n{self.output[-4000:]}"
                    )
                try:
                    if (await client.get(f"{address}/health/ready")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(POLL_S)
        raise ProcessEnded(f"{self._arguments} is not ready:\n{self.output[-4000:]}")

    async def died(self, wait_s: float | None = STOP_WAIT_S) -> int:
        """Wait until it ends by itself; its exit code, negative for a signal. Raises TimeoutError."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), wait_s)

    async def kill(self) -> None:
        """SIGKILL: no goodbye."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM and wait; the exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        return await self.died()


async def run_command(
    *arguments: str, environ: Mapping[str, str], standard_input: str = ""
) -> tuple[int, str]:
    """Run `sauda …` to its end; exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "kernel.cli",
        *arguments,
        env=_whole(environ),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate(standard_input.encode())
    assert process.returncode is not None
    return process.returncode, output.decode(errors="replace")


async def succeed(*arguments: str, environ: Mapping[str, str], standard_input: str = "") -> str:
    """Run `sauda …` to its end; what it printed. Raises ProcessEnded when it fails."""
    code, output = await run_command(*arguments, environ=environ, standard_input=standard_input)
    if code != 0:
        raise ProcessEnded(f"sauda {' '.join(arguments)} ended with {code}:\n{output}")
    return output


def _whole(environ: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with those settings and no others."""
    return {key: value for key, value in os.environ.items() if not key.startswith("SAUDA_")} | dict(environ)
