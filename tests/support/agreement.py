"""Do the tax side's ledger, our journal, counters, fiscal documents and trade's sales tell one story?

Every way in which they do not is said in words. The database is read as it lies there (stored.py); what
should stand in it is computed here from the ledger, apart from the product. `disagreements` is for a house
that has come to rest: nothing waits, no exchange is open, the link is there. The file is long because it is
one list of questions.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from simulators.ofd.ledger import CLOSE_SHIFT, MONEY_PLACEMENT, TICKET, Account, Document, Ledger
from simulators.ofd.reports import ShiftTotals
from tests.support.opened import opened
from tests.support.stored import Row, read_tables

OPERATIONS = ("BUY", "BUY_RETURN", "SELL", "SELL_RETURN")  # by the wire's numbers
PLACEMENTS = ("DEPOSIT", "WITHDRAWAL")
MEANS = {0: "CASH", 1: "CARD", 4: "MOBILE"}
COMMANDS = {"TICKET": TICKET, "CASH": MONEY_PLACEMENT, "CLOSE": CLOSE_SHIFT}
ON_DEMAND = "on demand"  # refusals that a test asked the simulator for
GENESIS = "0" * 64

Tables = dict[str, list[Row]]


def disagreements(url: str, ledger: Ledger, *, promised: Iterable[str] = ()) -> list[str]:
    """Every difference between the two sides and inside ours; empty when all agree.

    promised: keys of sales and cash operations whose client was told that they are accepted.
    """
    return list(differences(read_tables(url), ledger, promised=promised))


def differences(tables: Tables, ledger: Ledger, *, promised: Iterable[str] = ()) -> Iterator[str]:
    """The same over rows that were read already."""
    yield from (f"ledger: {text}" for text in ledger.violations())
    yield from _promises(tables, promised)
    yield from _chains(tables)
    yield from _rest(tables)
    seen = set()
    for kkm in tables["fkz_kkm"]:
        if not kkm["is_active"]:
            continue
        account = ledger.account(kkm["ofd_id"])
        seen.add(account.ofd_id)
        for text in _register(tables, kkm, account):
            yield f"register {account.ofd_id}: {text}"
    for account in ledger.accounts.values():
        if account.seq and account.ofd_id not in seen:
            yield f"register {account.ofd_id}: unknown to us, {account.seq} documents at the OFD"


def _register(tables: Tables, kkm: Row, account: Account) -> Iterator[str]:
    documents = [row for row in tables["fkz_document"] if row["kkm_id"] == kkm["id"]]
    exchanges = [row for row in tables["fkz_exchange"] if row["kkm_id"] == kkm["id"]]
    lane = f"register:{kkm['register_id']}"
    journal = [row for row in tables["kernel_journal"] if row["lane_key"] == lane]
    journal.sort(key=lambda row: int(row["seq"]))
    facts = [row for row in documents if row["kind"] in COMMANDS and row["document_number"] is not None]
    facts.sort(key=lambda row: int(row["document_number"]))
    for refusal in account.refusals:
        if refusal[2] != ON_DEMAND:
            yield f"the OFD refused command {refusal[0]} with code {refusal[1]}: {refusal[2]}"
    yield from _state(kkm, account)
    yield from _counters(kkm, account)
    yield from _documents(facts, list(account.documents), exchanges)
    yield from _outcomes(documents, exchanges)
    yield from _trade(tables, kkm, documents)
    yield from _journal(journal, documents, facts)
    yield from _shifts(tables, kkm, facts)


# What must be at rest


def _promises(tables: Tables, promised: Iterable[str]) -> Iterator[str]:
    columns = (("trd_sale", "sale_key"), ("trd_cash", "cash_key"), ("fkz_document", "client_key"))
    keys = Counter(
        (row["company_id"], row[column]) for table, column in columns for row in tables[table] if row[column]
    )
    known = {key for _, key in keys}
    for key in promised:
        if key not in known:
            yield f"promised and lost: key {key}"
    for (_, key), times in keys.items():
        if times > 1:
            yield f"doubled: key {key} stands {times} times"


def _rest(tables: Tables) -> Iterator[str]:
    for lane in tables["kernel_lane"]:
        waiting = lane["tail_seq"] - lane["head_seq"] + 1
        if waiting:
            yield f"lane {lane['lane_key']}: {waiting} jobs wait, the last error is {lane['last_error']}"
        if lane["blocked_code"]:
            yield f"lane {lane['lane_key']}: blocked by {lane['blocked_code']}"
        if lane["lease_owner"]:
            yield f"lane {lane['lane_key']}: still leased by {lane['lease_owner']}"
    for job in tables["kernel_job"]:
        yield f"job {job['id']} of kind {job['kind']} has no lane that waits for it"
    lines = Counter(row["sale_id"] for row in tables["trd_sale_line"])
    for sale in tables["trd_sale"]:
        if not lines.pop(sale["id"], 0):
            yield f"sale {sale['id']} has no lines"
    for sale_id in lines:
        yield f"lines without a sale: {sale_id}"


def _state(kkm: Row, account: Account) -> Iterator[str]:
    for name, wanted in (("link", "ONLINE"), ("undelivered", 0), ("block", "NONE"), ("has_backlog", 0)):
        if kkm[name] != wanted:
            yield f"{name} is {kkm[name]}, not {wanted}"
    yield from _same("token", kkm["token"], account.token)
    yield from _same("number of documents", kkm["documents"], account.seq)
    yield from _same("shift number", kkm["shift_number"], account.shift_number)
    yield from _same("open shift", kkm["shift_opened_ms"] is not None, account.is_shift_open)


# Counters


def _counters(kkm: Row, account: Account) -> Iterator[str]:
    life, shift = json.loads(kkm["counters"])
    wanted = _life(account)
    for key in sorted({*life, *wanted}):
        yield from _same(f"counter {key} since registration", life.get(key, 0), wanted.get(key, 0))
    wanted = _shift(account) if account.is_shift_open else {}
    # How many rows a section or modifier counts is left open by the protocol; sums are not.
    skipped = ("secn.", "discn.", "markn.")
    for key in sorted({*shift, *wanted}):
        if not key.startswith(skipped):
            yield from _same(f"counter {key} of the shift", shift.get(key, 0), wanted.get(key, 0))


def _life(account: Account) -> dict[str, int]:
    start = account.start_sums if account.is_shift_open else account.sums
    found = {"drawer": account.drawer}
    for index, name in enumerate(OPERATIONS):
        found[f"n.{name}"] = account.ticket_counts[index]
        found[f"sum.{name}"] = account.sums[index]
        found[f"start.{name}"] = start[index]
    for index, name in enumerate(PLACEMENTS):
        found[f"n.{name}"] = account.placement_counts[index]
    return found


def _shift(account: Account) -> dict[str, int]:
    totals = ShiftTotals.of(account)
    found: dict[str, int] = {}
    for index, name in enumerate(OPERATIONS):
        found[f"n.{name}"], found[f"sum.{name}"] = totals.tickets[index]
        found[f"off.{name}"] = totals.offline[index]
        found[f"chg.{name}"] = totals.changes[index]
        found[f"disc.{name}"] = totals.discounts[index][1]
        found[f"mark.{name}"] = totals.markups[index][1]
        for kind, (amount, times) in totals.payments[index].items():
            found[f"pay.{name}.{MEANS[kind]}"], found[f"payn.{name}.{MEANS[kind]}"] = amount, times
        for section, rows in totals.sections.items():
            found[f"sec.{name}.{section}"] = rows[index][1]
        for percent, rows in totals.taxes.items():
            found[f"turn.{name}.{percent // 10}"], found[f"vat.{name}.{percent // 10}"] = rows[index]
    for index, name in enumerate(PLACEMENTS):
        found[f"cashn.{name}"], found[f"cash.{name}"], found[f"off.{name}"] = totals.placements[index]
    return found


# Fiscal documents


def _documents(facts: list[Row], ledger: list[Document], exchanges: list[Row]) -> Iterator[str]:
    """Ours in the order of their numbers against theirs in the order of their coming."""
    answered = {row["document_id"]: row for row in exchanges if row["code"] == 0}
    numbers = [row["document_number"] for row in facts]
    if numbers != list(range(1, len(facts) + 1)):
        yield f"our document numbers are not 1 … {len(facts)}: {numbers[:50]}"
    places = [row["lane_seq"] for row in facts]
    if places != sorted(places):
        yield f"documents were numbered in another order than they were accepted: {places[:50]}"
    if len(facts) != len(ledger):
        yield f"we made {len(facts)} documents, the OFD took {len(ledger)}"
    offline = [row["offline_number"] for row in facts if row["offline_number"] is not None]
    for number, times in Counter(offline).items():
        if times > 1:
            yield f"offline number {number} was given {times} times"
    for row, document in zip(facts, ledger, strict=False):
        where = f"document {row['document_number']}"
        yield from _same(f"{where}: command", COMMANDS[row["kind"]], document.command)
        yield from _same(f"{where}: its number at the OFD", row["document_number"], document.number)
        yield from _same(f"{where}: shift", row["shift_number"], document.shift_number)
        yield from _same(f"{where}: made offline", bool(row["is_marked"]), document.is_offline)
        yield from _same(f"{where}: sign", row["sign"] or "", document.sign)
        if row["is_marked"]:
            yield from _same(f"{where}: offline number", row["offline_number"] or 0, document.offline_number)
        if row["kind"] == "TICKET":
            yield from _same(f"{where}: total", row["total"], document.total)
        exchange = answered.get(row["id"])
        if exchange is None:
            yield f"{where}: no exchange says that the OFD took it"
            continue
        yield from _same(f"{where}: token it went with", exchange["token"], document.token)
        yield from _same(f"{where}: request number", exchange["reqnum"], document.reqnum)


def _outcomes(documents: list[Row], exchanges: list[Row]) -> Iterator[str]:
    for row in documents:
        if row["state"] not in ("DONE", "REJECTED"):
            yield f"{row['kind']} {row['id']} is still {row['state']}"
        if row["state"] == "REJECTED" and row["document_number"] is not None:
            yield f"rejected {row['kind']} {row['id']} has the number {row['document_number']}"
    for exchange in exchanges:
        if exchange["open_kkm_id"] is not None or exchange["ended_ms"] is None:
            yield f"exchange {exchange['reqnum']} of document {exchange['document_id']} is open"
    taken = Counter(
        row["document_id"] for row in exchanges if row["code"] == 0 and row["command"] in (1, 2, 6)
    )
    for document_id, times in taken.items():
        if times > 1:
            yield f"document {document_id} was taken by {times} exchanges"


# Trade


def _trade(tables: Tables, kkm: Row, documents: list[Row]) -> Iterator[str]:
    sales = {row["id"]: row for row in tables["trd_sale"] if row["register_id"] == kkm["register_id"]}
    moves = {row["id"]: row for row in tables["trd_cash"] if row["register_id"] == kkm["register_id"]}
    by_subject: dict[str, list[Row]] = defaultdict(list)
    for row in documents:
        if row["kind"] in ("TICKET", "CASH"):
            by_subject[row["subject_id"]].append(row)
    for subject in by_subject.keys() - sales.keys() - moves.keys():
        yield f"a document of no sale: {subject}"
    for subject, row in (sales | moves).items():
        name = f"sale {row['sale_key']}" if subject in sales else f"cash operation {row['cash_key']}"
        found = by_subject.get(subject, [])
        if len(found) != 1:
            yield f"{name} has {len(found)} fiscal documents"
            continue
        document = found[0]
        done = document["state"] == "DONE"
        yield from _same(f"{name}: state", row["state"], "FISCALIZED" if done else "REJECTED")
        if done:
            for column in ("shift_number", "document_number", "offline_number"):
                yield from _same(f"{name}: {column}", row[column], document[column])
        if subject in sales:
            yield from _same(f"{name}: sign", row["sign"], document["sign"])
            yield from _same(f"{name}: total", row["total"], document["total"])
            yield from _same(f"{name}: payments", row["cash"] + row["card"] + row["mobile"], row["total"])
        else:
            amount = json.loads(document["body"]).get("amount")
            yield from _same(f"{name}: amount", row["amount"], amount)
    yield from _returns(list(sales.values()), tables["trd_sale"])


def _returns(sales: list[Row], everywhere: list[Row]) -> Iterator[str]:
    for sale in sales:
        back = [row for row in everywhere if row["original_id"] == sale["id"] and row["state"] != "REJECTED"]
        for means in ("cash", "card", "mobile"):
            wanted = sum(row[means] for row in back)
            yield from _same(
                f"sale {sale['sale_key']}: {means} given back", sale[f"returned_{means}"], wanted
            )


# Journal


def _chains(tables: Tables) -> Iterator[str]:
    entries: dict[str, list[Row]] = defaultdict(list)
    for row in tables["kernel_journal"]:
        entries[row["lane_key"]].append(row)
    for lane in tables["kernel_lane"]:
        digest, seq = GENESIS, 0
        for row in sorted(entries.pop(lane["lane_key"], []), key=lambda each: int(each["seq"])):
            seq += 1
            where = f"journal of {lane['lane_key']}"
            if row["seq"] != seq:
                yield f"{where}: entry {row['seq']} stands where {seq} should"
                break
            head = (
                digest,
                row["company_id"] or "",
                row["lane_key"],
                seq,
                row["kind"],
                row["at_ms"],
                row["body"],
            )
            digest = hashlib.sha256("\n".join(str(part) for part in head).encode()).hexdigest()
            if digest != row["digest"]:
                yield f"{where}: entry {seq} was altered"
                break
        if (lane["journal_seq"], lane["journal_digest"]) != (seq, digest):
            yield f"journal of {lane['lane_key']}: ends at {seq}, the lane remembers {lane['journal_seq']}"
    for key in entries:
        yield f"journal of {key}: there is no such lane"


def _journal(journal: list[Row], documents: list[Row], facts: list[Row]) -> Iterator[str]:
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    accepted = []
    for row in journal:
        try:
            body = opened(row)
        except ValueError as error:
            yield f"entry {row['seq']} cannot be opened: {error}"
            continue
        told[row["kind"]].append(body)
        if row["kind"].endswith(".accepted"):
            accepted.append((row["kind"], body))
    subjects = [body["sale" if kind == "sale.accepted" else "cash"] for kind, body in accepted]
    ours = sorted((row for row in documents if row["subject_id"]), key=lambda row: int(row["lane_seq"]))
    if subjects != [row["subject_id"] for row in ours]:
        yield f"the journal accepted {len(subjects)} documents, the lane {len(ours)}, or in another order"
    counted = told["fiscal_kz.counted"]
    if [body["document"] for body in counted] != [row["id"] for row in facts]:
        yield f"the journal counted {len(counted)} documents, there are {len(facts)}, or in another order"
    delivered = Counter(body["document"] for body in told["fiscal_kz.delivered"])
    if delivered != Counter(row["id"] for row in facts if row["is_offline"]):
        yield "the journal delivered other documents than were made offline"
    drawer = next((body["life"].get("drawer", 0) for body in told["fiscal_kz.activated"]), 0)
    for body in counted:
        drawer += _cash_of(body)
        yield from _same(f"drawer after document {body['number']}", body["drawer"], drawer)


def _cash_of(body: dict[str, Any]) -> int:
    if body["ticket"] is not None:
        cash = int(body["ticket"]["payments"].get("CASH", 0))
        return -cash if body["ticket"]["operation"] in ("BUY", "SELL_RETURN") else cash
    if body["cash"] is not None:
        amount = int(body["cash"]["amount"])
        return amount if body["cash"]["placement"] == "DEPOSIT" else -amount
    return 0


# Shifts


def _shifts(tables: Tables, kkm: Row, facts: list[Row]) -> Iterator[str]:
    shifts = sorted((row for row in tables["fkz_shift"] if row["kkm_id"] == kkm["id"]), key=_number)
    summaries = {row["id"]: row for row in tables["trd_shift_summary"]}
    numbers = [row["number"] for row in shifts]
    if numbers != sorted({row["shift_number"] for row in facts}):
        yield f"shifts are {numbers}, documents have others"
    for shift in shifts:
        where = f"shift {shift['number']}"
        mine = [row for row in facts if row["shift_number"] == shift["number"]]
        closes = sum(row["kind"] == "CLOSE" for row in mine)
        yield from _same(f"{where}: closed", shift["closed_ms"] is not None, closes == 1)
        summary = summaries.get(shift["id"])
        if summary is None:
            yield f"{where} has no summary"
            continue
        yield from _same(f"{where}: summary closed", summary["closed_at"], shift["closed_ms"])
        if shift["closed_ms"] is not None:
            yield from _same(f"{where}: documents in the summary", summary["documents"], len(mine) - closes)


def _number(row: Row) -> int:
    return int(row["number"])


def _same(what: str, ours: object, theirs: object) -> Iterator[str]:
    if ours != theirs:
        yield f"{what}: {ours} here, {theirs} there"
