from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0015_addfield_kkmpassport_moved_ms')]

    initial = False

    operations = [
        ops.RemoveConstraint(
            model_name='FiscalDocument',
            name=None,
            fields=['register_id', 'client_key'],
        ),
    ]
