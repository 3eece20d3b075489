from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0010_addfield_importsession_bytes_read')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ImportSession',
            name='bytes_total',
            field=fields.BigIntField(default=0),
        ),
    ]
