"""A company never sees, changes or deletes a row of another one through models."""

from __future__ import annotations

import pytest

from kernel.data.database import Database
from kernel.data.tenancy import TenantLeak, all_companies
from kernel.data.tests.conftest import ALMA, BEREKE
from kernel.data.tests.toy_models import Parcel
from kernel.data.work import Work
from kernel.errors import Refusal
from kernel.money import Money
from kernel.security.principal import ANONYMOUS, SYSTEM


@pytest.fixture
async def two_companies(database: Database) -> Database:
    async def pack(work: Work, name: str) -> None:
        await Parcel.create(company_id=work.company_id, name=name)

    await database.transact(pack, "of alma", principal=ALMA)
    await database.transact(pack, "of bereke", principal=BEREKE)
    return database


async def test_every_way_of_asking_is_filtered(two_companies: Database) -> None:
    async with two_companies.reading(ALMA):
        assert [parcel.name for parcel in await Parcel.all()] == ["of alma"]
        assert await Parcel.filter(name="of bereke").count() == 0
        assert await Parcel.get_or_none(name="of bereke") is None
        assert not await Parcel.exists(name="of bereke")
        assert await Parcel.all().values_list("name", flat=True) == ["of alma"]
        assert await Parcel.first() == await Parcel.get(name="of alma")
        assert [
            parcel.name for parcel in (await Parcel.in_bulk(["of bereke", "of alma"], "name")).values()
        ] == ["of alma"]


async def test_bulk_changes_reach_own_rows_only(two_companies: Database) -> None:
    async def reprice(work: Work) -> int:
        return await Parcel.all().update(price=Money(7))

    async def sweep(work: Work) -> int:
        return await Parcel.all().delete()

    assert await two_companies.transact(reprice, principal=ALMA) == 1
    assert await two_companies.transact(sweep, principal=ALMA) == 1

    async with two_companies.reading(BEREKE):
        assert [(parcel.name, parcel.price) for parcel in await Parcel.all()] == [("of bereke", None)]


@pytest.mark.parametrize("verb", ["save", "delete", "create", "bulk"])
async def test_a_row_of_another_company_is_never_written(two_companies: Database, verb: str) -> None:
    async with two_companies.reading(BEREKE):
        foreign = await Parcel.get(name="of bereke")

    async def service(work: Work) -> None:
        match verb:
            case "save":
                foreign.name = "stolen"
                await foreign.save()
            case "delete":
                await foreign.delete()
            case "create":
                await Parcel.create(company_id="bereke", name="planted")
            case "bulk":
                await Parcel.bulk_create([Parcel(company_id="bereke", name="planted")])

    with pytest.raises(TenantLeak):
        await two_companies.transact(service, principal=ALMA)

    async with two_companies.reading(BEREKE):
        assert [parcel.name for parcel in await Parcel.all()] == ["of bereke"]


@pytest.mark.parametrize("nobody", [ANONYMOUS, SYSTEM])
async def test_without_a_company_there_is_an_error_not_everything(
    two_companies: Database, nobody: object
) -> None:
    async with two_companies.reading(nobody):  # type: ignore[arg-type]
        with pytest.raises(Refusal, match="COMPANY_REQUIRED"):
            await Parcel.all()


async def test_crossing_companies_needs_a_reason(two_companies: Database) -> None:
    async with two_companies.reading(SYSTEM):
        with all_companies("nightly check of parcels"):
            assert await Parcel.all().count() == 2
        with pytest.raises(Refusal, match="COMPANY_REQUIRED"):
            await Parcel.all()
