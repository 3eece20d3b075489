from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0017_stock')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Barcode',
            name='coefficient_thousandths',
            field=fields.BigIntField(default=1000),
        ),
    ]
