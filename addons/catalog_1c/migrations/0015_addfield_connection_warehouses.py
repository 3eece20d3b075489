from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0014_equipmentreport')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Connection',
            name='warehouses',
            field=fields.TextField(null=True, unique=False),
        ),
    ]
