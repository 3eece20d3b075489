from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0020_terminalkey')]

    initial = False

    operations = [
        ops.AddField(
            model_name='CardPayment',
            name='late_ms',
            field=fields.BigIntField(null=True),
        ),
    ]
