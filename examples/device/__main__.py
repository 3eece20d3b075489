"""A device on the command line.

python -m examples.device bind    --server http://127.0.0.1:8000 --token <binding token>
python -m examples.device follow  --server http://127.0.0.1:8000 --token <device token> --file till.db
python -m examples.device find    --file till.db 4870071000003
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from examples.device.device import Device
from examples.device.goods import Goods, price_at
from examples.device.server import Server

BIND = """
mutation Bind($token: String!) {
  bindDevice(bindingToken: $token) {
    __typename ... on BoundDevice { deviceToken } ... on Refused { code message }
  }
}"""
LINK = "query Link { catalogLink { serverTime seq followers { device waitingCount isVerified } } }"
TEST = """
mutation Test {
  testCatalogLink { __typename ... on CatalogExchange { state } ... on Refused { code message } }
}"""


async def follow(server: Server, file: Path) -> None:
    """Keep the file equal to the server until Ctrl-C."""
    goods = Goods(file)
    try:
        await Device(server, goods).follow()
    finally:
        goods.close()


async def status(server: Server) -> None:
    """Test the link and say how the register's devices stand."""
    await server.ask(TEST)
    link = await server.ask(LINK)
    say(f"server time {link['serverTime']}, newest change {link['seq']}")
    for each in link["followers"]:
        say(f"{each['device']}: {each['waitingCount']} changes behind, verified: {each['isVerified']}")


def find(file: Path, barcode: str) -> None:
    """What a scan of the barcode sells, without any server."""
    for card, quantity in Goods(file).find(barcode):
        say(f"{quantity} × {card['name']} {price_at(card) or 'price by hand'}")


def say(text: str) -> None:
    """To the standard output."""
    sys.stdout.write(f"{text}\n")


async def run(given: argparse.Namespace) -> None:
    """Commands that need the server."""
    server = Server(given.server, given.token)
    try:
        if given.command == "bind":
            say((await server.ask(BIND, token=given.token))["deviceToken"])
        elif given.command == "status":
            await status(server)
        else:
            await follow(server, given.file)
    finally:
        await server.close()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.device",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=("bind", "follow", "status", "find"))
    parser.add_argument("barcode", nargs="?", default="")
    parser.add_argument("--server", default="http://127.0.0.1:8000")
    parser.add_argument("--token", default="")
    parser.add_argument("--file", type=Path, default=Path("till.db"))
    given = parser.parse_intermixed_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if given.command == "find":
        find(given.file, given.barcode)
        return
    try:
        asyncio.run(run(given))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
