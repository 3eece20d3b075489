from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0007_operatorreach")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Outlet",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("company_id", fields.CharField(max_length=36)),
                ("title", fields.CharField(max_length=200)),
                ("address", fields.CharField(max_length=255)),
                ("address_kk", fields.CharField(default="", max_length=255)),
                ("zone", fields.CharField(max_length=64)),
                ("latitude_e4", fields.IntField(null=True)),
                ("longitude_e4", fields.IntField(null=True)),
                ("created", UtcField(source_field="created_ms", generated=False, null=False, unique=False)),
            ],
            options={
                "table": "org_outlet",
                "app": "organization",
                "indexes": [Index(fields=["company_id"])],
                "pk_attr": "id",
            },
            bases=["CompanyRow"],
        ),
    ]
