from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('dealer', '0004_dealervisit')]

    initial = False

    operations = [
        ops.AddField(
            model_name='DealerMove',
            name='code',
            field=fields.CharField(null=True, max_length=64),
        ),
    ]
