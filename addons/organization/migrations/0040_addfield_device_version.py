from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0039_addfield_device_settings')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Device',
            name='version',
            field=fields.CharField(default='', max_length=200),
        ),
    ]
