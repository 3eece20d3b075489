"""A process that has imported the whole house once and forks `sauda …` processes from that: a start then
costs a fraction of a second instead of two, so hundreds of power cuts fit into a test run.

A fork is the same process in every other way: its own settings, sockets, database connections, its own death.
When the parent goes away, its children are killed. `python -m tests.support.nursery` is the process itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from simulators.processes import ROOT, STOP_WAIT_S, Process

if TYPE_CHECKING:
    from kernel.addons.manifest import Manifest
    from kernel.addons.registry import Registry

COMMAND_WAIT_S = 180.0


class Child:
    """A forked process, with the face of asyncio.subprocess.Process that `Process` uses."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    def ended(self, status: int) -> None:
        """The nursery has seen it end."""
        self.returncode = status
        self._ended.set()

    async def wait(self) -> int:
        """Exit code, negative for a signal."""
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """To a process that may have ended already."""
        if self.returncode is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """Starts processes by forking."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._children: dict[int, Child] = {}
        self._one_at_a_time = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> AsyncIterator[Nursery]:
        """Everything imported; its children die with it."""
        environ = {key: value for key, value in os.environ.items() if not key.startswith("SAUDA_")}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.nursery"),
            cwd=ROOT,
            env=environ,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        nursery = cls(process)
        async with asyncio.TaskGroup() as group:
            hearing = group.create_task(nursery._hear())
            try:
                yield nursery
            finally:
                assert process.stdin is not None
                process.stdin.close()
                await asyncio.wait_for(process.wait(), STOP_WAIT_S)
                await hearing

    async def fork(
        self, arguments: list[str], environ: Mapping[str, str], log: Path, *, standard_input: str = ""
    ) -> Child:
        """A new `sauda …`; environ is all it gets."""
        assert self._process.stdin is not None
        order = {
            "arguments": arguments,
            "environ": dict(environ),
            "log": str(log),
            "standard_input": standard_input,
        }
        async with self._one_at_a_time:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            await self._process.stdin.drain()
            return self._children[await self._born.get()]

    async def run(
        self, *arguments: str, environ: Mapping[str, str], log: Path, standard_input: str = ""
    ) -> tuple[int, str]:
        """`sauda …` to its end; exit code and what it printed."""
        order = self.fork(list(arguments), environ, log, standard_input=standard_input)
        child = await order
        try:
            code = await asyncio.wait_for(child.wait(), COMMAND_WAIT_S)
        except TimeoutError:
            child.kill()
            raise AssertionError(f"sauda {' '.join(arguments)} does not end:\n{_text_of(log)}") from None
        return code, _text_of(log)

    async def _hear(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            news: dict[str, Any] = json.loads(line)
            if "born" in news:
                self._children[news["born"]] = Child(news["born"])
                self._born.put_nowait(news["born"])
            else:
                self._children.pop(news["ended"]).ended(news["status"])


class ForkedProcess(Process):
    """As `Process`, but born in a nursery."""

    def __init__(self, nursery: Nursery, arguments: list[str], environ: Mapping[str, str], log: Path) -> None:
        super().__init__(arguments, environ, log)
        self._nursery = nursery

    async def start(self) -> None:
        """Start it; returns at once."""
        child: Any = await self._nursery.fork(self._arguments, self._environ, self._log)
        self._process = child


def _text_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


# The process itself


def main() -> None:
    """Import, then fork for every line of standard input until it ends."""
    import gc
    from importlib import import_module

    for name in ("gateway.cli", "gateway.up", "kernel.cli", "worker.cli"):
        import_module(name)
    _prepare()
    gc.collect()
    gc.freeze()
    ended, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children: set[int] = set()
    rest = b""
    while True:
        ready, _, _ = select.select([0, ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            _bury(children)
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                break
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                child = os.fork()
                if child == 0:
                    _live(json.loads(line), (ended, tell))
                children.add(child)
                _say({"born": child})
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _prepare() -> None:
    """Whoever is born finds made what a start makes of the files of the house: the registry of all add-ons,
    the schema and the documents of the console. Starts from nothing are told by the scenarios.
    """
    from kernel.addons import lifecycle
    from kernel.addons.loader import load, load_addons
    from kernel.gql import schema
    from kernel.web.console import Console

    registry = load_addons()
    build, made = schema.build_schema, schema.build_schema(registry)
    Console(registry, made.documents)
    all_names = [each.name for each in registry.addons]

    def load_once(manifests: Sequence[Manifest]) -> Registry:
        return registry if [each.name for each in manifests] == all_names else load(manifests)

    def build_once(wanted: Registry) -> schema.KernelSchema:
        return made if wanted is registry else build(wanted)

    lifecycle.load = load_once  # type: ignore[attr-defined]
    schema.build_schema = build_once  # type: ignore[assignment]


def _bury(children: set[int]) -> None:
    for child in list(children):
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            children.discard(child)
            _say({"ended": child, "status": os.waitstatus_to_exitcode(status)})


def _say(news: Mapping[str, int]) -> None:
    os.write(1, json.dumps(news).encode() + b"\n")


def _live(order: dict[str, Any], inherited: tuple[int, ...]) -> NoReturn:
    import traceback

    from kernel import cli, crash

    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for descriptor in inherited:
        os.close(descriptor)
    given, give = os.pipe()
    os.write(give, order["standard_input"].encode())
    os.close(give)
    output = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(given, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(order["environ"])
    crash._plan = crash.planned(os.environ.get(crash.VARIABLE))
    sys.argv = ["sauda", *order["arguments"]]
    code = 1
    try:
        cli.main()
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else 1
    except BaseException:  # noqa: BLE001 - the edge: the log of a process tells how it ended
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
