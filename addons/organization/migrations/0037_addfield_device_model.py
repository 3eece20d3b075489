from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0036_addfield_device_awaits_report')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Device',
            name='model',
            field=fields.CharField(default='', max_length=200),
        ),
    ]
