from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0016_addfield_exchangefile_runs')]

    initial = False

    operations = [
        ops.AddField(
            model_name='EquipmentLink',
            name='archives_absent',
            field=fields.BooleanField(default=False),
        ),
    ]
