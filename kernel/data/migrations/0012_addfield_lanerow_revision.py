from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0011_workerrow')]

    initial = False

    operations = [
        ops.AddField(
            model_name='LaneRow',
            name='revision',
            field=fields.BigIntField(db_default=0),
        ),
    ]
