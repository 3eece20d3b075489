from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0008_lanerow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='OutboxRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('company_id', fields.CharField(null=True, max_length=36)),
                ('kind', fields.CharField(max_length=64)),
                ('subject_id', fields.CharField(max_length=100)),
                ('body', fields.TextField(unique=False)),
                ('at_ms', fields.BigIntField()),
            ],
            options={'table': 'kernel_outbox', 'app': 'kernel', 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
