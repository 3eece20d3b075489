from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import MoneyField

class Migration(migrations.Migration):
    dependencies = [('trade', '0011_cancelledsale')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ShiftSummary',
            name='withdrawn_at_close',
            field=MoneyField(default=0, generated=False, null=False, unique=False),
        ),
    ]
