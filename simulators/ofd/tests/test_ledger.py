"""The oracle must see what it is there for: documents twice, out of order, a drawer that does not add up."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from typer.testing import CliRunner

from simulators.cli import app
from simulators.ofd.tests.till import AT, new_till, sale

ROOT = Path(__file__).resolve().parents[3]


def test_a_document_sent_twice_under_new_numbers_is_seen() -> None:
    till = new_till()

    till.ticket(sale(document_number=5))
    till.ticket(sale(document_number=5))

    assert till.simulator.ledger.violations() == ["register 1001: document number 5 came twice"]


def test_documents_out_of_order_are_seen() -> None:
    till = new_till()

    till.ticket(sale())
    till.ticket(sale(at=AT - timedelta(seconds=1)))

    assert till.simulator.ledger.violations() == ["register 1001: document 2 is older than the one before it"]


def test_a_drawer_that_does_not_add_up_is_seen() -> None:
    till = new_till()
    till.ticket(sale())
    till.account.drawer += 1

    assert till.simulator.ledger.violations() == [
        "register 1001: the drawer holds 11601, its documents 11600"
    ]


def test_a_sign_given_twice_is_seen() -> None:
    till = new_till()
    till.ticket(sale())
    till.ticket(sale())
    till.account.documents[1].sign = till.account.documents[0].sign

    assert any("given twice" in text for text in till.simulator.ledger.violations())


def test_memory_per_register_is_bounded_and_counters_go_on() -> None:
    till = new_till(kept_documents=3)

    for _ in range(5):
        till.ticket(sale())

    assert [document.seq for document in till.account.documents] == [3, 4, 5]
    assert till.account.drawer == 5 * 11600
    assert till.simulator.ledger.violations() == []


def test_the_command_line_explains_itself() -> None:
    result = CliRunner().invoke(app, ["ofd", "--help"])

    assert result.exit_code == 0
    assert "--registers" in result.output


def test_the_process_tells_its_ports_to_programs_and_ends_on_a_signal() -> None:
    command = [sys.executable, "-c", "from simulators.cli import app; app()", "ofd", "--json"]
    command += ["--port", "0", "--http-port", "-1", "--registers", "1"]

    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        with socket.create_connection((told["host"], told["port"]), timeout=60):
            process.terminate()
        code = process.wait(timeout=60)

    assert told["http_port"] is None
    assert code == 0
