from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0005_companysetting')]

    initial = False

    operations = [
        ops.CreateModel(
            name='JobRow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=120)),
                ('company_id', fields.CharField(null=True, max_length=36)),
                ('kind', fields.CharField(max_length=64)),
                ('body', fields.TextField(unique=False)),
                ('due_ms', fields.BigIntField()),
                ('enqueued_ms', fields.BigIntField()),
            ],
            options={'table': 'kernel_job', 'app': 'kernel', 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
