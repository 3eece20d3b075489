"""What stands in a lane may be of more kinds. Kinds that come later need no migration; see 0007."""

from __future__ import annotations

from importlib import import_module

from tortoise import fields, migrations

from addons.fiscal_kz.domain.kinds import DocumentKind

Known = import_module("addons.fiscal_kz.migrations.0007_alterfield_kkm_block").Known


class Migration(migrations.Migration):
    dependencies = [("fiscal_kz", "0012_nomenclatureask")]

    initial = False

    operations = [
        Known(
            model_name="FiscalDocument",
            name="kind",
            field=fields.CharEnumField(
                description="\n".join(f"{each}: {each}" for each in DocumentKind),
                enum_type=DocumentKind,
                max_length=8,
            ),
        ),
    ]
