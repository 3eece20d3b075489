"""Statements over HTTP: ours as files, the bank's taken in."""

from __future__ import annotations

import asyncio
from datetime import date

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from addons.organization.api import company_cards
from addons.pos_terminal.pages.statement_book import csv_of, workbook_of
from addons.pos_terminal.pages.statement_sheets import StatementFacts, operations_sheet, sheets_of
from addons.pos_terminal.services.contracts import contract_rows, terms_at, terms_of
from addons.pos_terminal.services.reports import (
    PERIOD_DAYS_MAX,
    Wish,
    differences_of,
    operations_of,
    report_of,
)
from addons.pos_terminal.services.statement_files import FILE_BYTES_MAX
from addons.pos_terminal.services.take_statement import take_statement
from kernel.app import App
from kernel.data.work import Reader
from kernel.errors import Refusal
from kernel.gql.ids import from_global, from_global_or_none, to_global
from kernel.security.principal import Principal
from kernel.web.rendering import language_of

XLSX_PATH, CSV_PATH = "/card/statement.xlsx", "/card/statement.csv"
UPLOAD_PATH = "/card/statements"
BODY_BYTES_MAX = FILE_BYTES_MAX + 64 * 1024  # with what a form puts around a file
STATEMENTS, MANAGE = "pos_terminal.statements", "pos_terminal.manage"
ALMATY = "Asia/Almaty"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def statement_xlsx(request: Request) -> Response:
    """GET /card/statement.xlsx?from=2026-01-01&until=2026-01-31[&contract=…][&terminal=…]: three sheets.

    Refusals: UNAUTHENTICATED, FORBIDDEN, STATEMENT_PERIOD, BAD_ID.
    """
    wish = _wish(request)
    app: App = request.app.state.sauda
    async with app.database.reading(request.state.principal) as reader:
        facts = await _facts(reader, request)
        report = await report_of(reader, wish)
        operations = await operations_of(reader, wish)
        differences = await differences_of(reader, wish)
    content = await asyncio.to_thread(lambda: workbook_of(sheets_of(facts, report, operations, differences)))
    return Response(content, media_type=_EXCEL, headers=_headers(wish, "xlsx"))


async def statement_csv(request: Request) -> Response:
    """GET /card/statement.csv with the same parameters: every operation, and the total.

    Refusals: as of the workbook.
    """
    wish = _wish(request)
    app: App = request.app.state.sauda
    async with app.database.reading(request.state.principal) as reader:
        facts = await _facts(reader, request)
        operations = await operations_of(reader, wish)
    sheet = operations_sheet(facts, operations)
    return StreamingResponse(
        csv_of(sheet), media_type="text/csv; charset=utf-8", headers=_headers(wish, "csv")
    )


async def upload_statement(request: Request) -> Response:
    """POST /card/statements?contract=<id>: a bank's file, as the field "file" of a form or as the body itself
    with its name in `?name=`. The answer: {statementId, rows, fresh, proved}.

    Refusals: FORBIDDEN, BAD_ID, CONTRACT_UNKNOWN, STATEMENT_….
    """
    principal: Principal = request.state.principal
    principal.require(MANAGE)
    principal.require_company()
    app: App = request.app.state.sauda
    contract = from_global(request.query_params.get("contract", ""), "AcquirerContract", field="contract")
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=10) as form:
            given = form.get("file")
            if given is None or isinstance(given, str):
                raise Refusal("STATEMENT_FILE_BROKEN", field="file")
            name, content = given.filename or "", await given.read()
    else:
        name, content = request.query_params.get("name", ""), await request.body()
    taken = await take_statement(app.database, principal, contract, name, content)
    told = {"rows": taken.rows, "fresh": taken.fresh, "proved": taken.proved}
    return JSONResponse({"statementId": to_global("BankStatement", taken.id), **told}, status_code=201)


def _wish(request: Request) -> Wish:
    """What is asked for, by somebody who may ask."""
    principal: Principal = request.state.principal
    principal.require(STATEMENTS)
    principal.require_company()
    asked = request.query_params
    try:
        first, last = (date.fromisoformat(asked.get(name, "")) for name in ("from", "until"))
    except ValueError:
        raise Refusal("STATEMENT_PERIOD", field="from", max=PERIOD_DAYS_MAX) from None
    contract = from_global_or_none(asked.get("contract") or None, "AcquirerContract", field="contract")
    terminal = from_global_or_none(asked.get("terminal") or None, "CardTerminal", field="terminal")
    return Wish(first, last, contract, terminal).checked()


async def _facts(reader: Reader, request: Request) -> StatementFacts:
    language = reader.principal.language or language_of(request)
    company = (await company_cards(reader, [reader.company_id]))[reader.company_id]
    sql = "SELECT id, title, terminal_code FROM pos_terminal WHERE company_id = ?"
    terminals = {
        row["id"]: (row["title"], row["terminal_code"] or "")
        for row in await reader.rows(sql, reader.company_id)
    }
    return StatementFacts(company.title, company.bin, language, await _zone(reader), reader.now_ms, terminals)


async def _zone(reader: Reader) -> str:
    """Of the first contract's days; Almaty's while there is none."""
    contracts = await contract_rows(reader)
    if not contracts:
        return ALMATY
    terms = await terms_of(reader, contracts[0]["id"])
    return terms_at(terms, reader.now_ms).terms.zone if terms else ALMATY


def _headers(wish: Wish, ending: str) -> dict[str, str]:
    name = f"card-{wish.first.isoformat()}-{wish.last.isoformat()}.{ending}"
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
