from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField

class Migration(migrations.Migration):
    dependencies = [('organization', '0018_addfield_apitoken_inspect_from_ms')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ApiToken',
            name='inspect_to_ms',
            field=UtcField(null=True, generated=False, unique=False),
        ),
    ]
