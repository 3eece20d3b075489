from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("organization", "0034_addfield_session_via_company_id")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Browser",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("session_id", fields.CharField(max_length=36)),
                ("subject_id", fields.CharField(max_length=36)),
                ("digest", fields.CharField(unique=True, max_length=64)),
                ("seen_ms", UtcField(generated=False, null=False, unique=False)),
            ],
            options={
                "table": "org_browser",
                "app": "organization",
                "indexes": [Index(fields=["seen_ms"])],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
    ]
