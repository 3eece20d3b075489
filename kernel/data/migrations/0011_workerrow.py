from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0010_schedulerow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='WorkerRow',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100)),
                ('started_ms', fields.BigIntField()),
                ('seen_ms', fields.BigIntField(db_index=True)),
                ('lanes_running', fields.IntField(default=0)),
            ],
            options={'table': 'kernel_worker', 'app': 'kernel', 'pk_attr': 'name'},
            bases=['Model'],
        ),
    ]
