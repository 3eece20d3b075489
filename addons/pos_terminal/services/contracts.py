"""Contracts with acquirers and their terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from addons.organization.api import check_zone
from addons.pos_terminal.domain.banking_day import VoidWindow
from addons.pos_terminal.domain.commission import FeeTerms, Rounding, Tariff
from addons.pos_terminal.domain.contract import SetContract, TermsChoice
from addons.pos_terminal.domain.driver import Capabilities
from addons.pos_terminal.domain.terminal import QrAs
from addons.pos_terminal.services.days import VOID_WINDOW
from addons.pos_terminal.services.own_row import own_row
from addons.pos_terminal.services.ports import ConfiguredDriver, TerminalDriver
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.money import Money
from kernel.values import value

if TYPE_CHECKING:
    from kernel.data.work import Param, Reader, SqlRow, Work

CONTRACTS_MAX = 200  # of a company
TERMS_MAX = 500  # of a contract


@value
class TermsRow:
    """Terms of a contract that hold from a moment on."""

    id: str
    valid_from_ms: int
    terms: TermsChoice

    @property
    def fees(self) -> FeeTerms:
        """What commissions are made by."""
        return self.terms.fees()


async def set_contract(work: Work, command: SetContract) -> str:
    """Make or change a contract; its id. Terms are only ever added: what was settled stays as it was.

    Raises Refusal: those of SetContract.checked, ZONE_UNKNOWN, TERMINAL_DRIVER_UNKNOWN, CONTRACT_UNKNOWN,
    CONTRACT_DRIVER_FIXED (it has terminals), CONTRACT_TERMS_MISSING, CONTRACTS_TOO_MANY, TERMS_IN_PAST,
    CONTRACT_OPTION_WRONG.
    """
    command = command.checked()
    capabilities_of(work, command.driver)
    _check_options(work, command)
    contract_id = command.id or new_id()
    values: dict[str, Param] = {
        "title": command.title,
        "number": command.number,
        "driver": command.driver,
        "merchant_code": command.merchant_code,
        "address": command.address,
        "options": orjson.dumps(dict(command.options)).decode(),
        "agreement": command.agreement,
        "is_active": int(command.is_active),
    }
    if command.id is None:
        if command.terms is None:
            raise Refusal("CONTRACT_TERMS_MISSING", field="terms")
        if len(await contract_rows(work)) >= CONTRACTS_MAX:
            raise Refusal("CONTRACTS_TOO_MANY", max=CONTRACTS_MAX)
        fresh: dict[str, Param] = {
            "id": contract_id,
            "company_id": work.company_id,
            "created_ms": work.now_ms,
        }
        await work.insert("pos_contract", {**fresh, **values})
    else:
        known = await contract_row(work, contract_id)
        if known["driver"] != command.driver and await _has_terminals(work, contract_id):
            raise Refusal("CONTRACT_DRIVER_FIXED", field="driver")
        columns = ", ".join(f"{column} = ?" for column in values)
        sql = f"UPDATE pos_contract SET {columns} WHERE id = ? AND company_id = ?"
        await work.execute(sql, *values.values(), contract_id, work.company_id)
    if command.terms is not None:
        await _add_terms(work, contract_id, command.terms, is_first=command.id is None)
    facts = {"title": command.title, "driver": command.driver, "has_new_terms": command.terms is not None}
    await work.audit("pos_terminal.set_contract", f"contract:{contract_id}", facts)
    return contract_id


def capabilities_of(reader: Reader, driver: str) -> Capabilities:
    """What the driver of that name can do. Raises Refusal("TERMINAL_DRIVER_UNKNOWN")."""
    found = offered(reader, driver)
    if found is None:
        raise Refusal("TERMINAL_DRIVER_UNKNOWN", field="driver", driver=driver)
    return found


def offered(reader: Reader, driver: str) -> Capabilities | None:
    """The same; None for a driver whose add-on is gone."""
    found = reader.database.registry.offers(TerminalDriver).get(driver)
    return None if found is None else found.capabilities


async def contract_row(reader: Reader, contract_id: str) -> SqlRow:
    """A contract of the reader's company. Raises Refusal("CONTRACT_UNKNOWN")."""
    return await own_row(reader, "pos_contract", contract_id, unknown="CONTRACT_UNKNOWN", field="contractId")


async def contract_rows(reader: Reader) -> Sequence[SqlRow]:
    """Contracts of the reader's company, by title; at most CONTRACTS_MAX."""
    sql = "SELECT * FROM pos_contract WHERE company_id = ? ORDER BY title, id LIMIT ?"
    return await reader.rows(sql, reader.company_id, CONTRACTS_MAX)


async def terms_of(reader: Reader, contract_id: str) -> list[TermsRow]:
    """All terms of a contract, the latest first."""
    sql = """SELECT * FROM pos_terms WHERE contract_id = ? AND company_id = ?
             ORDER BY valid_from_ms DESC LIMIT ?"""
    rows = await reader.rows(sql, contract_id, reader.company_id, TERMS_MAX)
    if not rows:
        return []
    places = ", ".join("?" * len(rows))
    sql = f"SELECT * FROM pos_tariff WHERE terms_id IN ({places}) ORDER BY scheme, method"
    tariffs: dict[str, list[Tariff]] = {}
    for each in await reader.rows(sql, *(row["id"] for row in rows)):
        line = Tariff(each["scheme"], each["method"], each["rate_ppm"])
        tariffs.setdefault(each["terms_id"], []).append(line)
    return [
        TermsRow(row["id"], row["valid_from_ms"], _choice(row, tuple(tariffs.get(row["id"], ()))))
        for row in rows
    ]


def terms_at(terms: Sequence[TermsRow], at_ms: int) -> TermsRow:
    """Those that hold at a moment; the first of all before them. terms: the latest first, at least one."""
    return next((each for each in terms if each.valid_from_ms <= at_ms), terms[-1])


def _check_options(reader: Reader, command: SetContract) -> None:
    """Of the house and of the driver. Raises Refusal("CONTRACT_OPTION_WRONG")."""
    options = dict(command.options)
    window = options.pop(VOID_WINDOW, VoidWindow.BANKING_DAY.value)
    wrong = "" if window in tuple(VoidWindow) else VOID_WINDOW
    driver = reader.database.registry.offers(TerminalDriver)[command.driver]
    if not wrong and isinstance(driver, ConfiguredDriver):
        wrong = driver.wrong_option(options)
    if wrong:
        raise Refusal("CONTRACT_OPTION_WRONG", field="options", option=wrong)


async def _has_terminals(reader: Reader, contract_id: str) -> bool:
    sql = "SELECT id FROM pos_terminal WHERE contract_id = ? LIMIT 1"
    return await reader.row(sql, contract_id) is not None


async def _add_terms(work: Work, contract_id: str, terms: TermsChoice, *, is_first: bool) -> None:
    valid_from_ms = work.now_ms if terms.valid_from_ms is None else terms.valid_from_ms
    if is_first:
        valid_from_ms = 0  # nothing was agreed before, and no terminal is ever without terms
    elif valid_from_ms < work.now_ms:
        raise Refusal("TERMS_IN_PAST", field="terms.validFrom")
    sql = "SELECT COUNT(*) AS found, MAX(valid_from_ms) AS latest FROM pos_terms WHERE contract_id = ?"
    known = await work.row(sql, contract_id)
    assert known is not None, "an aggregate has one row"
    if known["found"] >= TERMS_MAX or (known["latest"] is not None and known["latest"] >= valid_from_ms):
        raise Refusal("TERMS_IN_PAST", field="terms.validFrom")
    terms_id = new_id()
    await work.insert(
        "pos_terms",
        {
            "id": terms_id,
            "company_id": work.company_id,
            "contract_id": contract_id,
            "valid_from_ms": valid_from_ms,
            "zone": check_zone(terms.zone),
            "cut_off_minute": terms.cut_off_minute,
            "rounding": terms.rounding.value,
            "fee_min_tiyn": terms.fee_min.tiyn,
            "fee_max_tiyn": None if terms.fee_max is None else terms.fee_max.tiyn,
            "is_commission_returned": int(terms.is_commission_returned),
            "credit_days": terms.credit_days,
            "qr_as": terms.qr_as.value,
            "has_partial_refund": int(terms.has_partial_refund),
        },
    )
    columns = ("id", "company_id", "terms_id", "scheme", "method", "rate_ppm")
    rows = [
        (new_id(), work.company_id, terms_id, each.scheme, each.method, each.rate_ppm)
        for each in terms.tariffs
    ]
    await work.insert_many("pos_tariff", columns, rows)


def _choice(row: SqlRow, tariffs: tuple[Tariff, ...]) -> TermsChoice:
    fee_max = row["fee_max_tiyn"]
    return TermsChoice(
        tariffs=tariffs,
        valid_from_ms=row["valid_from_ms"],
        zone=row["zone"],
        cut_off_minute=row["cut_off_minute"],
        rounding=Rounding(row["rounding"]),
        fee_min=Money(row["fee_min_tiyn"]),
        fee_max=None if fee_max is None else Money(fee_max),
        is_commission_returned=bool(row["is_commission_returned"]),
        credit_days=row["credit_days"],
        qr_as=QrAs(row["qr_as"]),
        has_partial_refund=bool(row["has_partial_refund"]),
    )
