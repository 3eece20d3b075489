"""Contracts with acquirers: what may stand in one, and terms that are only ever added."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from addons.pos_terminal.domain.commission import Tariff
from addons.pos_terminal.domain.contract import TermsChoice
from addons.pos_terminal.services.contracts import set_contract, terms_at, terms_of
from addons.pos_terminal.services.terminal_card import terminal_terms
from addons.pos_terminal.tests.merchant import Merchant, contract
from addons.pos_terminal.tests.refusing import refused
from kernel.clock import FrozenClock
from kernel.money import Money


async def test_terms_are_only_added(merchant: Merchant) -> None:
    clock = merchant.app.clock
    assert isinstance(clock, FrozenClock)
    terminal_id = await merchant.working_terminal()
    before_ms = int(clock.now().timestamp() * 1000)
    clock.advance(timedelta(days=1))
    midnight = TermsChoice((Tariff("*", "*", 9_500),), cut_off_minute=0, fee_min=Money(100))
    new = contract(id=merchant.contract_id, terms=midnight)
    await merchant.do(set_contract, new)

    async with merchant.app.database.reading(merchant.owner) as reader:
        terms = await terms_of(reader, merchant.contract_id)
        now, then = (
            await terminal_terms(reader, terminal_id),
            await terminal_terms(reader, terminal_id, at_ms=before_ms),
        )
    assert (now.cut_off_minute, then.cut_off_minute) == (0, 1350)
    assert terms_at(terms, before_ms).fees.rate("VISA", "CARD") == 23_000
    assert await refused(
        merchant.do(set_contract, replace(new, terms=replace(midnight, valid_from_ms=5)))
    ) == ("TERMS_IN_PAST")
    other = contract(id=merchant.contract_id, driver="kaspi_smartpos", terms=None)
    assert await refused(merchant.do(set_contract, other)) == "CONTRACT_DRIVER_FIXED"


BAD_TERMS = (
    (TermsChoice((Tariff("VISA", "*", 1),)), "TARIFF_REST_MISSING"),
    (TermsChoice((Tariff("*", "*", 1), Tariff("*", "*", 2))), "TARIFF_TWICE"),
    (TermsChoice((Tariff("*", "*", 1_000_001),)), "TARIFF_MALFORMED"),
    (TermsChoice((Tariff("visa", "*", 1),)), "TARIFF_MALFORMED"),
    (TermsChoice((Tariff("*", "*", 1),), cut_off_minute=1440), "TERMS_CUT_OFF"),
    (TermsChoice((Tariff("*", "*", 1),), fee_min=Money(2), fee_max=Money(1)), "TERMS_FEES"),
    (TermsChoice((Tariff("*", "*", 1),), credit_days=-1), "TERMS_CREDIT_DAYS"),
    (TermsChoice((Tariff("*", "*", 1),), zone="Asia/Atlantis"), "ZONE_UNKNOWN"),
)
BAD_CONTRACTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"title": " "}, "CONTRACT_TITLE"),
    ({"driver": "no_such"}, "TERMINAL_DRIVER_UNKNOWN"),
    ({"options": {"Dialect": "x"}}, "CONTRACT_OPTIONS"),
    ({"merchant_code": "12 34"}, "ACQUIRER_CODE_MALFORMED"),
    ({"address": "host.example.kz"}, "ACQUIRER_ADDRESS_MALFORMED"),
    ({"address": "https://me:secret@host:1"}, "ACQUIRER_ADDRESS_MALFORMED"),
    ({"terms": None}, "CONTRACT_TERMS_MISSING"),
    ({"id": "somebody else's"}, "CONTRACT_UNKNOWN"),
)


async def test_bad_contracts_are_refused(merchant: Merchant) -> None:
    bad = (*(({"terms": terms}, code) for terms, code in BAD_TERMS), *BAD_CONTRACTS)
    found = [await refused(merchant.do(set_contract, contract(**changes))) for changes, _ in bad]
    assert found == [code for _, code in bad]
