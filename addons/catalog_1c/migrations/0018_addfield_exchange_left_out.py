from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0017_addfield_equipmentlink_archives_absent')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Exchange',
            name='left_out',
            field=fields.IntField(default=0),
        ),
    ]
