"""Commands of the control page: one JSON object with an "action", answered by one JSON object.

{"action": "register", "ofd_id": 1001, "token": 5, "org_bin": "…", …}     a new device
{"action": "fault", "kind": "cut_after", "times": 1, "ofd_id": 1001, …}     arm a fault
{"action": "clear"}                                                       disarm all
{"action": "refuse"} / {"action": "accept"}                               unreachable / reachable again
{"action": "block", "ofd_id": 1001} / "unblock" / "reset_token"
{"action": "reregister", "ofd_id": 1001, "org_bin": "…", "org_title": "…"}   another company's from now on
{"action": "goods", "goods": [{"id": 1, "title": "…", "barcode": "…", "price": 64950, …}, …]}   a new list
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.control import ControlError, Facts, explaining, facts_of, made_of, number_of
from simulators.ofd.faults import Fault
from simulators.ofd.nomenclature import CabinetGood, good_of
from simulators.ofd.settings import RegisterData

if TYPE_CHECKING:
    from simulators.ofd.server import OfdSimulator


async def perform(simulator: OfdSimulator, command: object) -> Facts:
    """Do one command. Raises ControlError."""
    facts = facts_of(command)
    with explaining("register"):
        match facts.get("action"):
            case "register":
                data = made_of(RegisterData, facts, beside=("ofd_id", "token"))
                account = simulator.add_register(number_of(facts, "ofd_id"), number_of(facts, "token"), data)
                return {"ofd_id": account.ofd_id, "kgd_number": account.data.kgd_number}
            case "fault":
                simulator.faults.arm(made_of(Fault, facts))
            case "clear":
                simulator.faults.clear()
            case "refuse":
                await simulator.refuse_connections()
            case "accept":
                await simulator.accept_connections()
            case "block":
                simulator.block(number_of(facts, "ofd_id"))
            case "unblock":
                simulator.unblock(number_of(facts, "ofd_id"))
            case "reset_token":
                return {"token": simulator.reset_token(number_of(facts, "ofd_id"))}
            case "reregister":
                bin_, title = str(facts.get("org_bin", "")), str(facts.get("org_title", ""))
                account = simulator.ledger.reregister(number_of(facts, "ofd_id"), bin_, title)
                return {"ofd_id": account.ofd_id, "org_bin": account.data.org_bin}
            case "goods":
                return {"version": simulator.give_goods(_goods(facts.get("goods")))}
            case other:
                raise ControlError(f"unknown action {other!r}")
    return {"done": True}


def _goods(given: object) -> list[CabinetGood]:
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise ControlError("'goods' must be a list of objects")
    return [good_of(each) for each in given]
