"""Base classes of all tables. Tables themselves live in the add-ons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from tortoise import Model, fields
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.manager import Manager
from tortoise.queryset import BulkCreateQuery, QuerySet

from kernel.data.tenancy import check_company, company_filter
from kernel.data.work import require_work
from kernel.ids import ID_LENGTH, new_id


class Row(Model):
    """A row with a time-ordered text identifier."""

    id = fields.CharField(max_length=ID_LENGTH, primary_key=True, default=new_id)

    class Meta:
        abstract = True

    async def save(
        self,
        using_db: BaseDBAsyncClient | None = None,
        update_fields: Iterable[str] | None = None,
        force_create: bool = False,
        force_update: bool = False,
    ) -> None:
        """Raises what `check_write` raises."""
        self.check_write()
        await super().save(using_db, update_fields, force_create, force_update)

    async def delete(self, using_db: BaseDBAsyncClient | None = None) -> None:
        """Raises what `check_write` raises."""
        self.check_write()
        await super().delete(using_db)

    def check_write(self) -> None:
        """Called before the row is saved or deleted. Raises Fault outside of a Work."""
        require_work()


class TenantManager(Manager):
    """Gives only rows of the current principal's company."""

    def get_queryset(self) -> QuerySet[Any]:
        """Raises Refusal("COMPANY_REQUIRED") when nobody's company is current."""
        company_id = company_filter()
        rows: QuerySet[Any] = QuerySet(self._model)
        return rows if company_id is None else rows.filter(company_id=company_id)


class CompanyRow(Row):
    """A row that belongs to a company: invisible to others, and never saved or deleted by them."""

    company_id = fields.CharField(max_length=ID_LENGTH)

    class Meta:
        abstract = True

    def __init_subclass__(cls) -> None:
        """Every table gets its own manager; Tortoise does not inherit the one of an abstract Meta."""
        super().__init_subclass__()
        cls._meta.manager = TenantManager()

    def check_write(self) -> None:
        """Raises TenantLeak for a row of another company."""
        check_company(self.company_id)
        super().check_write()

    @classmethod
    def bulk_create(cls, objects: Iterable[Self], *args: Any, **kwargs: Any) -> BulkCreateQuery[Self]:
        """Raises TenantLeak if any row is of another company."""
        rows = list(objects)
        for company_id in {row.company_id for row in rows}:
            check_company(company_id)
        return super().bulk_create(rows, *args, **kwargs)
