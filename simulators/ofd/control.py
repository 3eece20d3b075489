"""Commands of the control page: one JSON object with an "action", answered by one JSON object.

{"action": "register", "ofd_id": 1001, "token": 5, "org_bin": "…", …}     a new device
{"action": "fault", "kind": "cut_after", "times": 1, "ofd_id": 1001, …}     arm a fault
{"action": "clear"}                                                       disarm all
{"action": "refuse"} / {"action": "accept"}                               unreachable / reachable again
{"action": "block", "ofd_id": 1001} / "unblock" / "reset_token"
{"action": "goods", "goods": [{"id": 1, "title": "…", "barcode": "…", "price": 64950, …}, …]}   a new list
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from simulators.ofd.faults import Fault, FaultKind
from simulators.ofd.nomenclature import CabinetGood, good_of
from simulators.ofd.settings import RegisterData

if TYPE_CHECKING:
    from simulators.ofd.server import OfdSimulator

_FAULT_NUMBERS = ("times", "skip", "ofd_id", "command", "code", "delay_ms", "chance_bp")


class ControlError(ValueError):
    """The command makes no sense; the text says why."""


async def perform(simulator: OfdSimulator, command: object) -> dict[str, object]:
    """Do one command. Raises ControlError."""
    if not isinstance(command, dict):
        raise ControlError("a command is a JSON object")
    facts = cast("dict[str, object]", command)
    try:
        match facts.get("action"):
            case "register":
                return _register(simulator, facts)
            case "fault":
                simulator.faults.arm(_fault(facts))
            case "clear":
                simulator.faults.clear()
            case "refuse":
                await simulator.refuse_connections()
            case "accept":
                await simulator.accept_connections()
            case "block":
                simulator.block(_number(facts, "ofd_id"))
            case "unblock":
                simulator.unblock(_number(facts, "ofd_id"))
            case "reset_token":
                return {"token": simulator.reset_token(_number(facts, "ofd_id"))}
            case "goods":
                return {"version": simulator.give_goods(_goods(facts.get("goods")))}
            case other:
                raise ControlError(f"unknown action {other!r}")
    except KeyError as error:
        raise ControlError(f"no such register: {error.args[0]}") from error
    except ControlError:
        raise
    except ValueError as error:
        raise ControlError(str(error)) from error
    return {"done": True}


def _register(simulator: OfdSimulator, facts: Mapping[str, object]) -> dict[str, object]:
    known = RegisterData._field_defaults
    told = {name: value for name, value in facts.items() if name not in ("action", "ofd_id", "token")}
    for name, value in told.items():
        default = known.get(name)
        if default is None or not isinstance(default, str | int) or type(value) is not type(default):
            raise ControlError(f"{name!r} is no field of a register, or of another type")
    data = RegisterData()._replace(**told)  # type: ignore[arg-type]  # types were compared above
    account = simulator.add_register(_number(facts, "ofd_id"), _number(facts, "token"), data)
    return {"ofd_id": account.ofd_id, "kgd_number": account.data.kgd_number}


def _fault(facts: Mapping[str, object]) -> Fault:
    unknown = set(facts) - {"action", "kind", *_FAULT_NUMBERS}
    if unknown:
        raise ControlError(f"unknown: {', '.join(sorted(unknown))}")
    fault = Fault(FaultKind(str(facts.get("kind"))))
    for name in _FAULT_NUMBERS:
        if facts.get(name) is not None:
            setattr(fault, name, _number(facts, name))
    return fault


def _goods(given: object) -> list[CabinetGood]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise ControlError("'goods' must be a list of objects")
    return [good_of(each) for each in given]


def _number(facts: Mapping[str, object], name: str) -> int:
    value = facts.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ControlError(f"{name!r} must be a whole number")
    return value
