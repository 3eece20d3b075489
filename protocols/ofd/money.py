"""Money of the exchange: whole tenge (`bills`) and tiyn (`coins`); ours is one integer of tiyn."""

from __future__ import annotations

from protocols.ofd import ofd_pb2 as pb


def write_money(target: pb.Money, tiyn: int) -> None:
    """Fill a Money; both parts are always on the wire, zero too.

    Raises ValueError when `tiyn` is negative or does not fit.
    """
    target.bills, target.coins = divmod(tiyn, 100)


def read_money(source: pb.Money) -> int:
    """Tiyn of a Money, zero for an empty one."""
    return source.bills * 100 + source.coins
