from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0038_addfield_device_reported')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Device',
            name='settings',
            field=fields.CharField(default='{}', max_length=8000),
        ),
    ]
