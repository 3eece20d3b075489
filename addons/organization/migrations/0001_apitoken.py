from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("company_id", fields.CharField(max_length=36)),
                ("title", fields.CharField(max_length=200)),
                ("prefix", fields.CharField(max_length=24)),
                ("digest", fields.CharField(unique=True, max_length=64)),
                ("permissions", fields.TextField(unique=False)),
                ("register_ids", fields.TextField(unique=False)),
                ("is_test", fields.BooleanField(default=False)),
                ("created_by", fields.CharField(max_length=36)),
                ("created", UtcField(source_field="created_ms", generated=False, null=False, unique=False)),
                ("until", UtcField(source_field="until_ms", null=True, generated=False, unique=False)),
                ("used", UtcField(source_field="used_ms", null=True, generated=False, unique=False)),
                ("revoked", UtcField(source_field="revoked_ms", null=True, generated=False, unique=False)),
            ],
            options={
                "table": "org_api_token",
                "app": "organization",
                "indexes": [Index(fields=["company_id"])],
                "pk_attr": "id",
            },
            bases=["CompanyRow"],
        ),
    ]
