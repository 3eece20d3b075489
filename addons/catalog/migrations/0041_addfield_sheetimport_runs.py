from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0040_addfield_mark_is_practice')]

    initial = False

    operations = [
        ops.AddField(
            model_name='SheetImport',
            name='runs',
            field=fields.IntField(default=0),
        ),
    ]
