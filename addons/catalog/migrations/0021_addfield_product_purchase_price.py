from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import MoneyField

class Migration(migrations.Migration):
    dependencies = [('catalog', '0020_addfield_product_own_register_id')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Product',
            name='purchase_price',
            field=MoneyField(source_field='purchase_price_tiyn', null=True, generated=False, unique=False),
        ),
    ]
