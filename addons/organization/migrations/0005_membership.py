from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0004_device")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("company_id", fields.CharField(max_length=36)),
                ("user_id", fields.CharField(max_length=36)),
                ("role", fields.CharField(max_length=24)),
                ("is_active", fields.BooleanField(default=True)),
                ("created", UtcField(source_field="created_ms", generated=False, null=False, unique=False)),
            ],
            options={
                "table": "org_membership",
                "app": "organization",
                "unique_together": (("user_id", "company_id"),),
                "indexes": [Index(fields=["company_id"])],
                "pk_attr": "id",
            },
            bases=["CompanyRow"],
        ),
    ]
