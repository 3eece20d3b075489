from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0028_signature')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ApiToken',
            name='account_id',
            field=fields.CharField(null=True, max_length=36),
        ),
    ]
