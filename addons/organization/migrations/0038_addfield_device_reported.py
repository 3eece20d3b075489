from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField

class Migration(migrations.Migration):
    dependencies = [('organization', '0037_addfield_device_model')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Device',
            name='reported',
            field=UtcField(source_field='reported_ms', null=True, generated=False, unique=False),
        ),
    ]
