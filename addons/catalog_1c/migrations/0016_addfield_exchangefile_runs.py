from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0015_addfield_connection_warehouses')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ExchangeFile',
            name='runs',
            field=fields.IntField(default=0),
        ),
    ]
