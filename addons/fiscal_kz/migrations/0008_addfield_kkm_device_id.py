from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0007_alterfield_kkm_block')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Kkm',
            name='device_id',
            field=fields.CharField(null=True, max_length=36),
        ),
    ]
