from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0040_addfield_device_version')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Operator',
            name='is_pin_temporary',
            field=fields.BooleanField(default=False),
        ),
    ]
