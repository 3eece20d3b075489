from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0011_addfield_importsession_bytes_total')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ImportSession',
            name='is_dry',
            field=fields.BooleanField(default=False),
        ),
    ]
