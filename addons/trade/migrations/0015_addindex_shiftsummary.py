from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('trade', '0014_addindex_sale')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='ShiftSummary',
            index=Index(fields=['register_id', 'closed_at'], name='trd_shift_closed'),
        ),
    ]
