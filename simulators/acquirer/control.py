"""Commands of the control page: one JSON object with an "action", answered by one JSON object.

{"action": "terminal", "terminal_code": "88000001", "merchant_code": "…", …}    a new terminal; gives its keys
{"action": "fault", "kind": "silence_after", "times": 1, "on": "2", "terminal": "…", …}     arm a fault
{"action": "clear"}                                                       disarm all
{"action": "release"}                                                     let arrive what is held
{"action": "refuse"} / {"action": "accept"}                               away / back
{"action": "block", "terminal_code": "…"} / "unblock" / "forget_keys"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from protocols.iso8583.crypto import check_value
from simulators.acquirer.faults import Fault, FaultKind
from simulators.acquirer.keys import MASTER_SIZE
from simulators.acquirer.settings import TerminalData, test_components, test_master_key

if TYPE_CHECKING:
    from simulators.acquirer.server import AcquirerSimulator

_NUMBERS = ("times", "skip", "delay_ms", "chance_bp")
_TEXTS = ("on", "terminal", "code")


class ControlError(ValueError):
    """The command makes no sense; the text says why."""


async def perform(simulator: AcquirerSimulator, command: object) -> dict[str, object]:
    """Do one command. Raises ControlError."""
    if not isinstance(command, dict):
        raise ControlError("a command is a JSON object")
    facts = cast("dict[str, object]", command)
    try:
        match facts.get("action"):
            case "terminal":
                return _terminal(simulator, facts)
            case "fault":
                simulator.faults.arm(_fault(facts))
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
    except KeyError as error:
        raise ControlError(f"no such terminal: {error.args[0]}") from error
    except ControlError:
        raise
    except ValueError as error:
        raise ControlError(str(error)) from error
    return {"done": True}


def key_facts(simulator: AcquirerSimulator, terminal_code: str) -> dict[str, object]:
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


def _terminal(simulator: AcquirerSimulator, facts: Mapping[str, object]) -> dict[str, object]:
    told = {name: value for name, value in facts.items() if name != "action"}
    code = told.get("terminal_code")
    if not isinstance(code, str) or not 0 < len(code) <= 8 or not code.isascii() or not code.isalnum():
        raise ControlError("'terminal_code' must be up to eight letters and digits")
    for name, value in told.items():
        if name not in TerminalData._fields or not isinstance(value, str):
            raise ControlError(f"{name!r} is no field of a terminal, or no text")
    simulator.add_terminal(TerminalData(code)._replace(**told))  # type: ignore[arg-type]  # texts, see above
    return key_facts(simulator, code)


def _fault(facts: Mapping[str, object]) -> Fault:
    unknown = set(facts) - {"action", "kind", *_NUMBERS, *_TEXTS}
    if unknown:
        raise ControlError(f"unknown: {', '.join(sorted(unknown))}")
    fault = Fault(FaultKind(str(facts.get("kind"))))
    for name in (*_NUMBERS, *_TEXTS):
        if name not in facts:
            continue
        value = facts[name]
        kind = int if name in _NUMBERS else str
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ControlError(f"{name!r} must be a {'whole number' if kind is int else 'text'}")
        setattr(fault, name, value)
    return fault
