from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("trade", "0007_removeindex_sale_trd_sale_original")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Sale",
            name="details",
            field=fields.TextField(null=True, unique=False),
        ),
    ]
