from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0011_registergroup")]

    initial = False

    operations = [
        ops.CreateModel(
            name="RegisterGroupMember",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("company_id", fields.CharField(max_length=36)),
                ("group_id", fields.CharField(max_length=36)),
                ("register_id", fields.CharField(max_length=36)),
            ],
            options={
                "table": "org_register_group_member",
                "app": "organization",
                "unique_together": (("group_id", "register_id"),),
                "indexes": [Index(fields=["register_id"])],
                "pk_attr": "id",
            },
            bases=["CompanyRow"],
        ),
    ]
