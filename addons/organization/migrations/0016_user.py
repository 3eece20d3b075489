from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0015_status")]

    initial = False

    operations = [
        ops.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("email", fields.CharField(unique=True, max_length=190)),
                ("name", fields.CharField(max_length=128)),
                ("language", fields.CharField(max_length=2)),
                ("password_hash", fields.CharField(max_length=128)),
                ("is_blocked", fields.BooleanField(default=False)),
                ("created", UtcField(source_field="created_ms", generated=False, null=False, unique=False)),
            ],
            options={"table": "org_user", "app": "organization", "pk_attr": "id"},
            bases=["Row"],
        ),
    ]
