from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0018_addfield_barcode_coefficient_thousandths')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Product',
            name='characteristic',
            field=fields.CharField(default='', max_length=128),
        ),
    ]
