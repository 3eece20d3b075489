from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField

class Migration(migrations.Migration):
    dependencies = [('organization', '0032_addfield_session_permissions')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Session',
            name='used',
            field=UtcField(source_field='used_ms', null=True, generated=False, unique=False),
        ),
    ]
