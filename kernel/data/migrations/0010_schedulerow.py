from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0009_outboxrow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ScheduleRow',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100)),
                ('due_ms', fields.BigIntField()),
                ('ran_ms', fields.BigIntField(null=True)),
                ('runs', fields.BigIntField(default=0)),
                ('last_error', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'kernel_schedule', 'app': 'kernel', 'pk_attr': 'name'},
            bases=['Model'],
        ),
    ]
