"""`sauda demo`: plays the story on a stage and shows it in the terminal."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from simulators.demo.stage import EMAIL, Stage, open_stage
from simulators.demo.story import CASHIER_PIN, Story, spaced

app = typer.Typer(name="demo")


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Leave after the summary.")] = False,
) -> None:
    """Start everything on free ports, import goods from 1C, sell them, print the receipt; then keep serving.

    Nothing is left on this machine afterwards. Exit code 1: a step failed.
    """
    console = Console()
    try:
        asyncio.run(_play(console, once=once))
    except Exception as error:  # noqa: BLE001 - the edge: whatever broke, the newcomer sees what and the exit code tells
        cause = _first_cause(error)
        text = f"{type(cause).__name__}: {cause}"
        console.print(Panel(Text(text), title="The demo failed", border_style="red"))
        raise typer.Exit(1) from None


def _first_cause(error: BaseException) -> BaseException:
    """The error inside nested task groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _play(console: Console, *, once: bool) -> None:
    with _progress(console) as progress:
        bar = progress.add_task("Starting Sauda, the OFD simulator and a card terminal", total=None)
        async with open_stage() as stage:
            story = Story(stage)
            progress.print(f"[green]✓[/] Sauda is up at {stage.address}", highlight=False)
            progress.update(bar, total=len(story.steps), completed=0)
            try:
                for title, step in story.steps:
                    progress.update(bar, description=title)
                    remark = await step()
                    progress.print(f"[green]✓[/] {title}  [dim]{remark}[/]", highlight=False)
                    progress.advance(bar)
            finally:
                await story.close()
            progress.stop()
            _show(console, stage, story)
            if not once:
                await _serve(console, stage)


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


def _show(console: Console, stage: Stage, story: Story) -> None:
    console.print(Panel(Text(story.receipt, no_wrap=True), expand=False, title="Первый чек · First receipt"))
    table = Table(title="Документы · Documents")
    for column in ("Документ", "Сумма, ₸", "Состояние", "Фискальный признак"):
        table.add_column(column, justify="right" if column == "Сумма, ₸" else "left", no_wrap=True)
    for each in story.documents:
        table.add_row(each.title, spaced(each.total), each.state, each.sign)
    console.print(table)
    receipt = next(each.address for each in story.documents if each.address)
    console.print("[bold]Куда посмотреть · Where to look[/]")
    for what, where in (
        ("Console", f"{stage.address}/console"),
        ("  sign in with", f"{EMAIL} / {stage.password}"),
        ("Cashier screen", f"{stage.address}/pos"),
        ("  cashier", f"Динара Омарова / {CASHIER_PIN}"),
        ("GraphiQL", f"{stage.address}/graphql"),
        ("Receipt page", receipt),
        ("What the tax side sees", f"{stage.ledger_address}/"),
        ("Card terminal", f"{stage.device.panel}/"),
        ("Card operations", f"{stage.address}/console/cards/operations"),
    ):
        console.print(f"  {what:<24}{where}", highlight=False, soft_wrap=True)


async def _serve(console: Console, stage: Stage) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    console.print("Serving until Ctrl-C …")
    ended = asyncio.create_task(stage.house.died(None))
    told_task = asyncio.create_task(told.wait())
    await asyncio.wait({ended, told_task}, return_when=asyncio.FIRST_COMPLETED)
    for task in (ended, told_task):
        task.cancel()
