from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("trade", "0008_addfield_sale_details")]

    initial = False

    operations = [
        ops.AddField(
            model_name="SaleLine",
            name="label",
            field=fields.CharField(null=True, max_length=64),
        ),
    ]
