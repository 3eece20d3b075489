"""Terminals of the own application at a counter, with keys that the acquirer's simulator knows."""

from __future__ import annotations

from collections.abc import Mapping

from addons.pos_terminal.domain.commission import ANY, Rounding, Tariff
from addons.pos_terminal.domain.contract import SetContract, TermsChoice
from addons.pos_terminal.domain.driver import DriverName
from addons.pos_terminal.domain.keys import KeyKind
from addons.pos_terminal.domain.terminal import TerminalState
from addons.pos_terminal.services.contracts import set_contract
from addons.pos_terminal.services.keys_store import DATABASE_STORE, ClearKey, DatabaseKeys, KeyPlace
from addons.pos_terminal.services.keys_update import NewKey, ask_update, put_key
from addons.pos_terminal.tests.counter import Counter
from kernel.data.work import Work
from kernel.ids import new_id
from kernel.security.principal import SYSTEM
from protocols.iso8583.crypto import Algorithm, check_value
from simulators.acquirer.keys import MASTER_SIZE
from simulators.acquirer.settings import test_master_key

MERCHANT = "SAUDA0000000001"
FIRST_CODE = 88_000_001
RATE_PPM = 12_900


async def add_contract(
    counter: Counter,
    address: str,
    *,
    rounding: Rounding = Rounding.PER_OPERATION,
    options: Mapping[str, str] | None = None,
) -> str:
    """With the acquirer at host:port; its id. options: dialect and the like."""
    contract = SetContract(
        None,
        "Эквайер",
        DriverName.ISO8583.value,
        merchant_code=MERCHANT,
        address=address,
        options=options or {},
        terms=TermsChoice((Tariff(ANY, ANY, RATE_PPM),), rounding=rounding, has_partial_refund=True),
    )
    everyone = SYSTEM.within(counter.company_id)
    return await counter.app.database.transact(set_contract, contract, principal=everyone)


async def add_own_terminal(
    counter: Counter, contract_id: str, code: str, algorithm: Algorithm = Algorithm.AES
) -> str:
    """A terminal as the acquirer numbered it, with its master key; the exchange of working keys is asked for.
    Its id.
    """
    terminal_id = new_id()
    key = test_master_key(code, MASTER_SIZE)
    place, clear = KeyPlace(terminal_id, KeyKind.MASTER), ClearKey(algorithm, key)
    kept = await DatabaseKeys().keep(counter.app.database, place, clear)
    check = check_value(algorithm, key)
    master = NewKey(KeyKind.MASTER, algorithm, MASTER_SIZE, check, DATABASE_STORE, kept)

    async def adding(work: Work) -> None:
        blank = dict.fromkeys(("serial_number", "address", "iban", "bic", "contact_email"), "")
        await work.insert(
            "pos_terminal",
            {
                "id": terminal_id,
                "company_id": work.company_id,
                "contract_id": contract_id,
                "outlet_id": counter.outlet_id,
                "register_id": counter.register_id,
                "title": f"POS {code}",
                "state": TerminalState.PROVISIONED.value,
                "terminal_code": code,
                "merchant_code": MERCHANT,
                "is_through_agent": 0,
                "batch": 1,
                "last_stan": 0,
                "created_ms": work.now_ms,
                "changed_ms": work.now_ms,
                **blank,
            },
        )
        await put_key(work, terminal_id, master)
        await ask_update(work, terminal_id)

    await counter.app.database.transact(adding, principal=SYSTEM.within(counter.company_id))
    return terminal_id
