"""The commands: nothing with keys that everybody knows runs where money is taken; wrong wishes are told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kernel.errors import SetupFault
from simulators.acquirer.cli import simulate_acquirer
from simulators.acquirer.device_cli import simulate_card_device
from simulators.smart_terminals.cli import simulate_ecr, simulate_kaspi


@pytest.mark.parametrize(
    "command",
    [
        simulate_acquirer,
        simulate_kaspi,
        simulate_ecr,
        lambda: simulate_card_device("CardTerminal:1", "token"),
    ],
    ids=["acquirer", "kaspi", "ecr", "card-device"],
)
def test_no_stand_in_runs_on_an_installation_that_sells(
    monkeypatch: pytest.MonkeyPatch, command: Callable[[], None]
) -> None:
    monkeypatch.setenv("SAUDA_CORE__PRODUCTION", "true")

    with pytest.raises(SetupFault, match=r"core\.production"):
        command()


@pytest.mark.parametrize(
    ("wishes", "option"), [({"cut_off": "24:00"}, "--cut-off"), ({"dialect": "klingon"}, "--dialect")]
)
def test_a_wish_that_makes_no_sense_is_told(wishes: dict[str, str], option: str) -> None:
    with pytest.raises(SetupFault, match=option):
        simulate_acquirer(**wishes)


def test_a_card_nobody_has_is_told() -> None:
    with pytest.raises(SetupFault, match="--card"):
        simulate_card_device("CardTerminal:1", "token", card="diners")
