from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('trade', '0012_addfield_shiftsummary_withdrawn_at_close')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='CashOperation',
            index=Index(fields=['register_id', 'ticket_at'], name='trd_cash_ticket'),
        ),
    ]
