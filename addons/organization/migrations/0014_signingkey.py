from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField


class Migration(migrations.Migration):
    dependencies = [("organization", "0013_session")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SigningKey",
            fields=[
                ("kid", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=36)),
                ("private", fields.CharField(max_length=255)),
                ("created", UtcField(source_field="created_ms", generated=False, null=False, unique=False)),
                ("retired", UtcField(source_field="retired_ms", null=True, generated=False, unique=False)),
            ],
            options={"table": "org_signing_key", "app": "organization", "pk_attr": "kid"},
            bases=["Model"],
        ),
    ]
