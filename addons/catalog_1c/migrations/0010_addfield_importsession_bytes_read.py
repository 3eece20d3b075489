from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0009_addfield_connection_choices')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ImportSession',
            name='bytes_read',
            field=fields.BigIntField(default=0),
        ),
    ]
