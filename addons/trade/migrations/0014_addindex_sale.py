from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('trade', '0013_addindex_cashoperation')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='Sale',
            index=Index(fields=['register_id', 'ticket_at'], name='trd_sale_ticket'),
        ),
    ]
