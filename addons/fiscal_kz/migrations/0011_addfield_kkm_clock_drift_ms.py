from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0010_handleddocument')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Kkm',
            name='clock_drift_ms',
            field=fields.BigIntField(default=0),
        ),
    ]
