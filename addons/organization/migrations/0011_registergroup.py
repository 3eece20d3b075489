from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0010_register")]

    initial = False

    operations = [
        ops.CreateModel(
            name="RegisterGroup",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("company_id", fields.CharField(max_length=36)),
                ("title", fields.CharField(max_length=200)),
                ("created", UtcField(source_field="created_ms", generated=False, null=False, unique=False)),
            ],
            options={
                "table": "org_register_group",
                "app": "organization",
                "unique_together": (("company_id", "title"),),
                "pk_attr": "id",
            },
            bases=["CompanyRow"],
        ),
    ]
