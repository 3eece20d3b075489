"""The worked example for integrators is run as it is printed, against a house of its own."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from urllib.request import urlopen

from simulators.demo.stage import EMAIL, Stage, open_stage
from tests.architecture.house import ROOT

MARKED = re.compile(r"^<!-- runs -->\n```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
TIMEOUT_S = 180


async def pasted(script: str, stage: Stage) -> str:
    """What a terminal prints when the whole text is pasted; it stops at the first command that fails."""
    here = {"SAUDA": stage.address, "EMAIL": EMAIL, "PASSWORD": stage.password}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", script),
        env={**os.environ, **here, "PATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), TIMEOUT_S)
    assert process.returncode == 0, output.decode()
    return output.decode()


def opened(address: str) -> str:
    """The page behind a link."""
    with urlopen(address, timeout=TIMEOUT_S) as answer:
        return str(answer.read().decode())


async def test_the_worked_example_for_integrators_comes_out_as_it_says() -> None:
    script = "".join(MARKED.findall((ROOT / "docs" / "integrator.md").read_text(encoding="utf-8")))

    async with open_stage() as stage:
        output = await pasted(script, stage)

        assert stage.simulator.ledger.accepted() == 1, output
        (qr,) = set(re.findall(r'"qrText": ?"([^"]+)"', output))
        page = await asyncio.to_thread(opened, qr)
        assert "1 780" in page, "what the buyer scans does not open his receipt"
    told = re.findall(r'"(?:isActive|replayed|code|state|type)": ?("?\w+"?)', output)
    sold, listened = ['"FISCALIZED"', "false", '"FISCALIZED"', "true"], ['"connection_ack"', '"next"']
    assert told == [
        *("true", *sold, '"SALE_KEY_CONFLICT"', '"SALE_UNDERPAID"'),
        *(*listened, '"FISCALIZED"'),
    ], output
