from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0014_addfield_kkm_former_ofd_id')]

    initial = False

    operations = [
        ops.AddField(
            model_name='KkmPassport',
            name='moved_ms',
            field=fields.BigIntField(null=True),
        ),
    ]
