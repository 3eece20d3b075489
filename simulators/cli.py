"""`sauda simulate …`: one sub-command per stand-in."""

from __future__ import annotations

from simulators.acquirer.cli import simulate_acquirer
from simulators.acquirer.device_cli import simulate_card_device
from simulators.equipment.cli import simulate_equipment
from simulators.ncalayer.cli import simulate_ncalayer
from simulators.ofd.cli import app
from simulators.onec.cli import simulate_onec
from simulators.printer.cli import simulate_printer
from simulators.smart_terminals.cli import simulate_ecr, simulate_kaspi
from simulators.sntp.cli import simulate_sntp

app.command("acquirer")(simulate_acquirer)
app.command("card-device")(simulate_card_device)
app.command("ecr")(simulate_ecr)
app.command("equipment")(simulate_equipment)
app.command("kaspi")(simulate_kaspi)
app.command("ncalayer")(simulate_ncalayer)
app.command("onec")(simulate_onec)
app.command("printer")(simulate_printer)
app.command("sntp")(simulate_sntp)

__all__ = ["app"]
