from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [('trade', '0018_fill_lateticket')]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name='Sale',
            name='trd_sale_ticket',
            fields=None,
        ),
    ]
