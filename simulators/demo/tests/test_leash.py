"""Nothing that a demo started outlives it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from simulators.processes import ROOT

END_WAIT_S = 30
PARENT = """
import asyncio, pathlib, sys
from simulators.processes import Process

async def main():
    arguments = ["simulate", "ofd", "--port=0", "--http-port=-1", "--json"]
    child = Process(arguments, {}, pathlib.Path(sys.argv[1]))
    await child.start()
    while not child.output:  # it says where it serves
        await asyncio.sleep(0.05)
    print(child.pid, flush=True)
    await child.died(None)

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux tells when a stranger's process ends")
def test_a_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "child.log")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        try:
            assert select.select([child], [], [], 0)[0] == [], "it runs"
            parent.kill()

            assert select.select([child], [], [], END_WAIT_S)[0] == [child], "and ends with its parent"
        finally:
            os.close(child)
