from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0005_membership")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Operator",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("company_id", fields.CharField(max_length=36)),
                ("code", fields.IntField()),
                ("name", fields.CharField(max_length=128)),
                ("role", fields.CharField(max_length=24)),
                ("pin_hash", fields.CharField(null=True, max_length=128)),
                ("user_id", fields.CharField(null=True, max_length=36)),
                ("is_active", fields.BooleanField(default=True)),
                ("is_limited", fields.BooleanField(default=False)),
                ("created", UtcField(source_field="created_ms", generated=False, null=False, unique=False)),
            ],
            options={
                "table": "org_operator",
                "app": "organization",
                "unique_together": (("company_id", "code"),),
                "pk_attr": "id",
            },
            bases=["CompanyRow"],
        ),
    ]
