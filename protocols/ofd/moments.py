"""Date and time of the exchange: local wall time of the device. Its zone is the business of the caller."""

from __future__ import annotations

from datetime import datetime

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.errors import MalformedMessage


def write_moment(target: pb.DateTime, at: datetime) -> None:
    """Fill a DateTime from a naive local moment; microseconds are dropped."""
    assert at.tzinfo is None, "the exchange carries local wall time"
    date = target.date
    date.year = at.year
    date.month = at.month
    date.day = at.day
    time = target.time
    time.hour = at.hour
    time.minute = at.minute
    time.second = at.second


def read_moment(source: pb.DateTime) -> datetime:
    """The naive local moment; a message with a date alone is its midnight.

    Raises MalformedMessage when there is no such day or hour.
    """
    date, time = source.date, source.time
    try:
        return datetime(date.year, date.month, date.day, time.hour, time.minute, time.second)  # noqa: DTZ001
    except ValueError as error:
        raise MalformedMessage(f"no such moment: {error}") from error


def read_moment_or_none(source: pb.DateTime, is_present: bool) -> datetime | None:
    """As read_moment, None when the field is absent or a placeholder with year 0."""
    if not is_present or not source.date.year:
        return None
    return read_moment(source)
