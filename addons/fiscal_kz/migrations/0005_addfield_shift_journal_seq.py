from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0004_shift')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Shift',
            name='journal_seq',
            field=fields.BigIntField(null=True),
        ),
    ]
