from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0008_outlet")]

    initial = False

    operations = [
        ops.CreateModel(
            name="RefreshToken",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("session_id", fields.CharField(max_length=36)),
                ("digest", fields.CharField(unique=True, max_length=64)),
                ("until", UtcField(source_field="until_ms", generated=False, null=False, unique=False)),
                ("used", UtcField(source_field="used_ms", null=True, generated=False, unique=False)),
            ],
            options={
                "table": "org_refresh_token",
                "app": "organization",
                "indexes": [Index(fields=["session_id"])],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
    ]
