from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0019_addfield_product_characteristic')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Product',
            name='own_register_id',
            field=fields.CharField(null=True, max_length=36),
        ),
    ]
