from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("trade", "0015_addindex_shiftsummary")]

    initial = False

    operations = [
        ops.AddField(
            model_name="SaleLine",
            name="returned_marks",
            field=fields.TextField(null=True, unique=False),
        ),
    ]
