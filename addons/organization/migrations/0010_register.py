from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0009_refreshtoken")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Register",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("company_id", fields.CharField(max_length=36)),
                ("outlet_id", fields.CharField(max_length=36)),
                ("number", fields.IntField()),
                ("title", fields.CharField(max_length=200)),
                ("is_decommissioned", fields.BooleanField(default=False)),
                ("created", UtcField(source_field="created_ms", generated=False, null=False, unique=False)),
            ],
            options={
                "table": "org_register",
                "app": "organization",
                "unique_together": (("company_id", "number"),),
                "indexes": [Index(fields=["outlet_id"])],
                "pk_attr": "id",
            },
            bases=["CompanyRow"],
        ),
    ]
