from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField


class Migration(migrations.Migration):
    dependencies = [("organization", "0001_apitoken")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Attempt",
            fields=[
                ("subject", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=128)),
                ("guesses", fields.IntField()),
                ("guessed_ms", UtcField(generated=False, null=False, unique=False)),
            ],
            options={
                "table": "org_attempt",
                "app": "organization",
                "indexes": [Index(fields=["guessed_ms"])],
                "pk_attr": "subject",
            },
            bases=["Model"],
        ),
    ]
