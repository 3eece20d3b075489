"""Runs in a process of its own, with an add-on from outside of the repository installed by entry point.

Prints one JSON line of what it saw. See test_third_party.py.
"""

from __future__ import annotations

import asyncio
import json
import sys

import httpx

from addons.organization.api import (
    CreateCompany,
    CreateOutlet,
    CreateRegister,
    create_company,
    create_outlet,
    create_register,
)
from gateway.app import create_app
from kernel.app import App
from kernel.gql.context import GqlContext
from kernel.gql.ids import to_global
from kernel.jobs.drive import run_due
from kernel.security.principal import SYSTEM, Principal
from kernel.testing.app import running_app

LEAVE = """
mutation { leaveNote(input: {registerId: "%s", text: "%s"}) { ... on Note { text } ... on Refused { code } } }
"""
READ = 'query { node(id: "%s") { ... on Register { title guest { count latest } } } }'


async def tell() -> dict[str, object]:
    """Leave a note through GraphQL, run its job, read its field on Register, open its page."""
    async with running_app(["guest_book"]) as app:
        principal, register_id = await _furnish(app)
        gid = to_global("Register", register_id)
        left = await _execute(app, principal, LEAVE % (gid, "Paper!"))
        refused = await _execute(app, principal, LEAVE % (gid, "x" * 201))
        await run_due(app.database)
        read = await _execute(app, principal, READ % gid)
        async with app.database.reading(principal) as reader:
            row = await reader.row("SELECT letters FROM guest_note")
        transport = httpx.ASGITransport(app=create_app(app))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            page = await client.get("/guest_book")
        return {
            "folder": str(app.registry.addon("guest_book").folder),
            "left": left,
            "refused": refused,
            "read": read,
            "letters": row and row["letters"],
            "page": [page.status_code, page.text],
        }


async def _furnish(app: App) -> tuple[Principal, str]:
    firm = CreateCompany(bin="230140000109", title="Firm")
    principal = SYSTEM.within(await app.database.transact(create_company, firm, principal=SYSTEM))
    outlet = CreateOutlet("Shop", "Almaty, Abay 1")
    outlet_id = await app.database.transact(create_outlet, outlet, principal=principal)
    register = CreateRegister(outlet_id, "Till 1")
    return principal, await app.database.transact(create_register, register, principal=principal)


async def _execute(app: App, principal: Principal, document: str) -> object:
    context = GqlContext(app, principal, request_id="test", language="en")
    result = await app.schema.execute(document, context_value=context)
    return {"data": result.data, "errors": [str(error) for error in result.errors or ()]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(tell())))
