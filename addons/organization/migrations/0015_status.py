from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0014_signingkey")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Status",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("company_id", fields.CharField(max_length=36)),
                ("register_id", fields.CharField(max_length=36)),
                ("source", fields.CharField(max_length=32)),
                ("severity", fields.CharField(max_length=8)),
                ("severity_rank", fields.IntField()),
                ("code", fields.CharField(max_length=64)),
                ("since", UtcField(source_field="since_ms", generated=False, null=False, unique=False)),
                ("facts", fields.TextField(unique=False)),
                ("updated", UtcField(source_field="updated_ms", generated=False, null=False, unique=False)),
            ],
            options={
                "table": "org_status",
                "app": "organization",
                "unique_together": (("register_id", "source"),),
                "indexes": [Index(fields=["company_id", "severity_rank", "id"])],
                "pk_attr": "id",
            },
            bases=["CompanyRow"],
        ),
    ]
