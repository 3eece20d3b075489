"""A shop and its tills, set up and worked through GraphQL only: what an integrator's first script does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from simulators.till import documents
from simulators.till.client import Client

TOKEN_PERMISSIONS = (
    "trade.sell",
    "trade.return",
    "trade.cash",
    "trade.view",
    "catalog.view",
    "fiscal_kz.view",
    "fiscal_kz.report",
    "fiscal_kz.close_shift",
    "organization.view",
)
SETUP_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Till:
    """One register with its operator. `client` carries a token of the shop."""

    client: Client
    register_id: str
    operator_id: str
    ofd_id: int

    async def sell(
        self,
        lines: Sequence[dict[str, Any]],
        payments: Sequence[dict[str, Any]],
        *,
        sale_key: str | None = None,
        wait_ms: int = 5_000,
        **more: Any,
    ) -> dict[str, Any]:
        """Sell; the sale as it stands after at most wait_ms.

        The key is made here when the caller has none.
        """
        cart = {
            "saleKey": sale_key or str(uuid4()),
            "registerId": self.register_id,
            "operatorId": self.operator_id,
            "lines": list(lines),
            "payments": list(payments),
            **more,
        }
        return await self.client.mutate(documents.REGISTER_SALE, input=cart, wait=wait_ms)

    async def give_back(
        self, sale_id: str, *, sale_key: str | None = None, wait_ms: int = 5_000, **more: Any
    ) -> dict[str, Any]:
        """Return everything that is left of a sale, or what `lines` and `payments` say."""
        asked = {
            "saleKey": sale_key or str(uuid4()),
            "registerId": self.register_id,
            "operatorId": self.operator_id,
            "originalId": sale_id,
            **more,
        }
        return await self.client.mutate(documents.REGISTER_RETURN, input=asked, wait=wait_ms)

    async def move_cash(self, document: str, amount: str, *, cash_key: str | None = None) -> dict[str, Any]:
        """Deposit or withdraw (documents.DEPOSIT, documents.WITHDRAW)."""
        asked = {
            "cashKey": cash_key or str(uuid4()),
            "registerId": self.register_id,
            "operatorId": self.operator_id,
            "amount": amount,
        }
        return await self.client.mutate(document, input=asked)

    async def report(self, document: str, *, key: str | None = None) -> dict[str, Any]:
        """An X report or the close of the shift (documents.X_REPORT, documents.CLOSE_SHIFT)."""
        asked = {"registerId": self.register_id, "operatorId": self.operator_id}
        return await self.client.mutate(document, input={"key": key or str(uuid4()), **asked})

    async def kkm(self) -> dict[str, Any]:
        """The register's KKM as it is now."""
        answer = await self.client.execute(documents.KKM, registerId=self.register_id)
        found: dict[str, Any] = answer["kkm"]
        return found

    async def sale_by_key(self, sale_key: str) -> dict[str, Any] | None:
        """What became of a sale whose answer was lost."""
        found: dict[str, Any] | None = (await self.client.execute(documents.SALE_BY_KEY, saleKey=sale_key))[
            "saleByKey"
        ]
        return found


@dataclass(frozen=True, slots=True)
class Shop:
    """A company with one outlet. `owner` is signed in as its owner, `till` as an integrator's token."""

    owner: Client
    service: Client
    outlet_id: str

    @classmethod
    async def open(
        cls,
        address: str,
        *,
        email: str,
        password: str,
        title: str = "Магазин «Дән»",
        is_vat_payer: bool = True,
        company_id: str | None = None,
    ) -> Shop:
        """Sign in, become a VAT payer, open the outlet and issue the token."""
        stranger = Client(address)
        who = {"email": email, "password": password, "companyId": company_id}
        tokens = await stranger.mutate(documents.SIGN_IN, **who)
        await stranger.close()
        owner = Client(address, tokens["accessToken"])
        company = (await owner.execute(documents.ME))["me"]["company"]
        if is_vat_payer:
            certificate = {
                "id": company["id"],
                "isVatPayer": True,
                "vatSeries": "60001",
                "vatNumber": "0012345",
            }
            await owner.mutate(documents.UPDATE_COMPANY, input=certificate)
        outlet = await owner.mutate(
            documents.CREATE_OUTLET,
            input={
                "title": title,
                "address": "г. Алматы, ул. Абая, 10",
                "addressKk": "Алматы қ., Абай көш., 10",
                "zone": "Asia/Almaty",
                "latitudeE4": 432389,
                "longitudeE4": 768897,
            },
        )
        issued = await owner.mutate(
            documents.ISSUE_TOKEN,
            input={"title": "till", "permissions": list(TOKEN_PERMISSIONS), "isTest": True},
        )
        return cls(owner, Client(address, issued["token"]), outlet["id"])

    async def close(self) -> None:
        """Close the connections."""
        await self.owner.close()
        await self.service.close()

    async def till(
        self,
        *,
        title: str,
        operator: str,
        ofd_id: int,
        token: int,
        version: int | None = None,
        pin: str | None = None,
    ) -> Till:
        """A new register with its own operator, activated at the OFD."""
        register = await self.owner.mutate(
            documents.CREATE_REGISTER, input={"outletId": self.outlet_id, "title": title}
        )
        person = await self.owner.mutate(documents.CREATE_OPERATOR, input={"name": operator, "pin": pin})
        asked = {"registerId": register["id"], "ofdId": str(ofd_id), "token": str(token)}
        if version is not None:
            asked["version"] = version  # type: ignore[assignment]
        await self.owner.mutate(documents.ACTIVATE, input=asked)
        return Till(self.service, register["id"], person["id"], ofd_id)

    async def tills(
        self, count: int, *, first_ofd_id: int = 1001, first_token: int = 100_000_001
    ) -> list[Till]:
        """Many registers, for load and crash proofs."""
        gate = asyncio.Semaphore(SETUP_AT_ONCE)

        async def one(index: int) -> Till:
            async with gate:
                return await self.till(
                    title=f"Касса {index + 1}",
                    operator=f"Кассир {index + 1}",
                    ofd_id=first_ofd_id + index,
                    token=first_token + index,
                )

        return await asyncio.gather(*(one(index) for index in range(count)))


def free_line(name: str, price: str, quantity: str = "1") -> dict[str, Any]:
    """A free position of a cart."""
    return {"name": name, "price": price, "quantity": quantity}


def cash(amount: str) -> dict[str, Any]:
    """Cash tendered."""
    return {"kind": "CASH", "amount": amount}


def card(amount: str) -> dict[str, Any]:
    """Paid by card."""
    return {"kind": "CARD", "amount": amount}


def mobile(amount: str) -> dict[str, Any]:
    """Paid from a phone."""
    return {"kind": "MOBILE", "amount": amount}
