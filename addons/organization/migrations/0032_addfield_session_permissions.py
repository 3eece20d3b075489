from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0031_addfield_session_agent')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Session',
            name='permissions',
            field=fields.TextField(null=True, unique=False),
        ),
    ]
