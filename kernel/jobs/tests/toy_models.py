"""Something that is priced and sold, for stories about what Works take for granted."""

from __future__ import annotations

from tortoise import fields

from kernel.data.model import CompanyRow
from kernel.data.questions import About

PRICES = About("toy_price")


class Price(CompanyRow):
    """Of one good of a company."""

    name = fields.CharField(max_length=40)
    price = fields.BigIntField()

    class Meta:
        app = "toy"
        table = "toy_price"
        indexes = (("company_id", "name"),)


class Sale(CompanyRow):
    """What was sold, at the price that was believed to be the good's."""

    sale_key = fields.CharField(max_length=40)
    lane_key = fields.CharField(max_length=40)
    price = fields.BigIntField()

    class Meta:
        app = "toy"
        table = "toy_sale"
        unique_together = (("company_id", "sale_key"),)
