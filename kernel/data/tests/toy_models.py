"""A table of a company, for the tests of this room."""

from __future__ import annotations

from tortoise import fields

from kernel.data.fields import MoneyField, QuantityField, UtcField
from kernel.data.model import CompanyRow


class Parcel(CompanyRow):
    """Something a company owns."""

    name = fields.CharField(max_length=40, unique=True)
    price = MoneyField(null=True)
    weight = QuantityField(null=True)
    packed = UtcField(source_field="packed_ms", null=True)

    class Meta:
        app = "toy"
        table = "toy_parcel"
