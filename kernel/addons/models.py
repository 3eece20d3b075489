"""Tables of the add-on room: what is installed and active here, and what a company switched off."""

from __future__ import annotations

from tortoise import Model, fields

from kernel.ids import ID_LENGTH


class AddonRow(Model):
    """State of one add-on on this installation."""

    name = fields.CharField(max_length=41, primary_key=True)
    version = fields.CharField(max_length=32)
    state = fields.CharField(max_length=16)  # AddonState
    installed_ms = fields.BigIntField()
    changed_ms = fields.BigIntField()
    retained_until_ms = fields.BigIntField(null=True)  # set when deactivated

    class Meta:
        app = "kernel"
        table = "kernel_addon"


class AddonCompanyRow(Model):
    """An add-on that a company switched off or on again; no row means on."""

    id = fields.CharField(max_length=ID_LENGTH + 1 + 41, primary_key=True)  # "<company>/<add-on>"
    company_id = fields.CharField(max_length=ID_LENGTH, db_index=True)
    name = fields.CharField(max_length=41)
    is_active = fields.BooleanField()

    class Meta:
        app = "kernel"
        table = "kernel_addon_company"
