"""Commands of the control page: one JSON object with an "action", answered by one JSON object.

{"action": "terminal", "terminal_code": "88000001", "merchant_code": "…", …}    a new terminal; gives its keys
{"action": "fault", "kind": "silence_after", "times": 1, "on": "2", "terminal": "…", …}     arm a fault
{"action": "clear"}                                                       disarm all
{"action": "release"}                                                     let arrive what is held
{"action": "refuse"} / {"action": "accept"}                               away / back
{"action": "block", "terminal_code": "…"} / "unblock" / "forget_keys"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.iso8583.crypto import check_value
from simulators.acquirer.faults import Fault
from simulators.acquirer.keys import MASTER_SIZE
from simulators.acquirer.settings import TerminalData, test_components, test_master_key
from simulators.control import ControlError, Facts, explaining, facts_of, made_of

if TYPE_CHECKING:
    from simulators.acquirer.server import AcquirerSimulator


async def perform(simulator: AcquirerSimulator, command: object) -> Facts:
    """Do one command. Raises ControlError."""
    facts = facts_of(command)
    with explaining("terminal"):
        match facts.get("action"):
            case "terminal":
                data = made_of(TerminalData, facts)
                code = data.terminal_code
                if not (0 < len(code) <= 8 and code.isascii() and code.isalnum()):
                    raise ControlError("'terminal_code' must be up to eight letters and digits")
                simulator.add_terminal(data)
                return key_facts(simulator, code)
            case "fault":
                simulator.faults.arm(made_of(Fault, facts))
            case "clear":
                simulator.faults.clear()
            case "release":
                simulator.release()
            case "refuse":
                await simulator.refuse_connections()
            case "accept":
                await simulator.accept_connections()
            case ("block" | "unblock") as word:
                simulator.terminal(str(facts.get("terminal_code"))).is_blocked = word == "block"
            case "forget_keys":
                simulator.terminal(str(facts.get("terminal_code"))).keys.forget()
            case other:
                raise ControlError(f"unknown action {other!r}")
    return {"done": True}


def key_facts(simulator: AcquirerSimulator, terminal_code: str) -> Facts:
    """What the two persons of a key ceremony enter: components of the test TMK with their check values."""
    algorithm = simulator.dialect.mac_rule.algorithm
    components = test_components(terminal_code, MASTER_SIZE)
    return {
        "terminal_code": terminal_code,
        "components": [
            {"value": each.hex().upper(), "kcv": check_value(algorithm, each)} for each in components
        ],
        "kcv": check_value(algorithm, test_master_key(terminal_code, MASTER_SIZE)),
    }
