from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("trade", "0009_addfield_saleline_label")]

    initial = False

    operations = [
        ops.AddField(
            model_name="SaleLine",
            name="warehouse_id",
            field=fields.CharField(null=True, max_length=64),
        ),
    ]
