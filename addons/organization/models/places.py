"""Tables of places: company, outlet, register and groups of registers."""

from __future__ import annotations

from tortoise import fields

from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow, Row
from kernel.ids import ID_LENGTH

TITLE_LENGTH = 200


class Company(Row):
    """The tenant itself: the one table of places without company_id, its id is the company_id of others."""

    bin = fields.CharField(max_length=12, unique=True)
    title = fields.CharField(max_length=TITLE_LENGTH)
    title_kk = fields.CharField(max_length=TITLE_LENGTH, default="")
    is_vat_payer = fields.BooleanField(default=False)
    vat_series = fields.CharField(max_length=16, default="")
    vat_number = fields.CharField(max_length=16, default="")
    closed = UtcField(source_field="closed_ms", null=True)
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "org_company"


class Outlet(CompanyRow):
    """A point of sale. Coordinates are in 1/10000 of a degree."""

    title = fields.CharField(max_length=TITLE_LENGTH)
    address = fields.CharField(max_length=255)
    address_kk = fields.CharField(max_length=255, default="")
    zone = fields.CharField(max_length=64)
    latitude_e4 = fields.IntField(null=True)
    longitude_e4 = fields.IntField(null=True)
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "org_outlet"
        indexes = (("company_id",),)


class Register(CompanyRow):
    """A register (workplace). number is unique in the company and never given twice."""

    outlet_id = fields.CharField(max_length=ID_LENGTH)
    number = fields.IntField()
    title = fields.CharField(max_length=TITLE_LENGTH)
    is_decommissioned = fields.BooleanField(default=False)
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "org_register"
        unique_together = (("company_id", "number"),)
        indexes = (("outlet_id",),)


class RegisterGroup(CompanyRow):
    """A named set of registers that filters, rights and assortments may address."""

    title = fields.CharField(max_length=TITLE_LENGTH)
    created = UtcField(source_field="created_ms")

    class Meta:
        table = "org_register_group"
        unique_together = (("company_id", "title"),)


class RegisterGroupMember(CompanyRow):
    """A register in a group."""

    group_id = fields.CharField(max_length=ID_LENGTH)
    register_id = fields.CharField(max_length=ID_LENGTH)

    class Meta:
        table = "org_register_group_member"
        unique_together = (("group_id", "register_id"),)
        indexes = (("register_id",),)
