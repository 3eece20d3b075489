from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0003_company")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Device",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("company_id", fields.CharField(max_length=36)),
                ("register_id", fields.CharField(max_length=36)),
                ("title", fields.CharField(max_length=200)),
                ("bind_digest", fields.CharField(null=True, unique=True, max_length=64)),
                (
                    "bind_until",
                    UtcField(source_field="bind_until_ms", null=True, generated=False, unique=False),
                ),
                ("digest", fields.CharField(null=True, unique=True, max_length=64)),
                ("bound", UtcField(source_field="bound_ms", null=True, generated=False, unique=False)),
                ("revoked", UtcField(source_field="revoked_ms", null=True, generated=False, unique=False)),
                ("created", UtcField(source_field="created_ms", generated=False, null=False, unique=False)),
            ],
            options={
                "table": "org_device",
                "app": "organization",
                "indexes": [Index(fields=["company_id", "register_id"])],
                "pk_attr": "id",
            },
            bases=["CompanyRow"],
        ),
    ]
