from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0006_operator")]

    initial = False

    operations = [
        ops.CreateModel(
            name="OperatorReach",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("company_id", fields.CharField(max_length=36)),
                ("operator_id", fields.CharField(max_length=36)),
                ("place_id", fields.CharField(max_length=36)),
                ("is_group", fields.BooleanField()),
            ],
            options={
                "table": "org_operator_reach",
                "app": "organization",
                "unique_together": (("operator_id", "place_id"),),
                "pk_attr": "id",
            },
            bases=["CompanyRow"],
        ),
    ]
