from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0002_attempt")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Company",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("bin", fields.CharField(unique=True, max_length=12)),
                ("title", fields.CharField(max_length=200)),
                ("title_kk", fields.CharField(default="", max_length=200)),
                ("is_vat_payer", fields.BooleanField(default=False)),
                ("vat_series", fields.CharField(default="", max_length=16)),
                ("vat_number", fields.CharField(default="", max_length=16)),
                ("closed", UtcField(source_field="closed_ms", null=True, generated=False, unique=False)),
                ("created", UtcField(source_field="created_ms", generated=False, null=False, unique=False)),
            ],
            options={"table": "org_company", "app": "organization", "pk_attr": "id"},
            bases=["Row"],
        ),
    ]
