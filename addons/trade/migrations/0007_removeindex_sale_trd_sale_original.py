from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [('trade', '0006_receipttext')]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name='Sale',
            name='trd_sale_original',
            fields=None,
        ),
    ]
