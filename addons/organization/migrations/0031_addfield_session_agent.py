from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0030_addfield_session_address')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Session',
            name='agent',
            field=fields.CharField(null=True, max_length=200),
        ),
    ]
