"""Response codes (DE39): what the host says and what a terminal has to make of it. Texts live elsewhere.

The tables are data, codes.toml: one for each family of hosts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("codes.toml")


class Outcome(StrEnum):
    """What a code means for the money of the request that it answers."""

    APPROVED = "approved"
    PARTIAL = "partial"  # approved for less than asked
    DECLINED = "declined"
    RETRY = "retry"  # declined; a new operation may succeed soon
    UNKNOWN = "unknown"  # the money may have been taken: reverse
    BALANCE = "balance"  # of a reconciliation: totals differ, upload the batch


class ForReversal(StrEnum):
    """What a code means when it answers a reversal."""

    DONE = "done"  # nothing is left of the payment at the host
    AGAIN = "again"  # send the same reversal later
    STOP = "stop"  # people have to look: repeating does not help


@dataclass(frozen=True, slots=True)
class CodeRule:
    """meaning: a short word, the same in all tables, from which the shown text is chosen. needs_keys: keys
    have to be exchanged first. is_alert: support has to know.
    """

    code: str
    outcome: Outcome
    meaning: str
    for_reversal: ForReversal = ForReversal.AGAIN
    is_alert: bool = False
    needs_keys: bool = False


UNLISTED_MEANING = "unlisted"


def rule_of(table: str, code: str) -> CodeRule:
    """The rule of a code. One that the table does not know leaves the outcome open: reversing does no harm,
    taking an approval for a decline would. Raises KeyError for an unknown table.
    """
    known = _tables()[table].get(code)
    return known or CodeRule(code, Outcome.UNKNOWN, UNLISTED_MEANING, is_alert=True)


def rules(table: str) -> Mapping[str, CodeRule]:
    """The whole table by code."""
    return _tables()[table]


def tables() -> frozenset[str]:
    """Names of the tables."""
    return frozenset(_tables())


def meanings() -> frozenset[str]:
    """Every meaning of every table: each needs a text."""
    return frozenset(rule.meaning for table in _tables().values() for rule in table.values())


@cache
def _tables() -> dict[str, dict[str, CodeRule]]:
    given = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        table: {
            code: CodeRule(
                code,
                Outcome(row["outcome"]),
                row["meaning"],
                for_reversal=ForReversal(row.get("for_reversal", ForReversal.AGAIN)),
                is_alert=row.get("is_alert", False),
                needs_keys=row.get("needs_keys", False),
            )
            for row in rows
            for code in row["codes"]
        }
        for table, rows in given.items()
    }
