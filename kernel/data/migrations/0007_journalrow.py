from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0006_jobrow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='JournalRow',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('company_id', fields.CharField(null=True, max_length=36)),
                ('lane_key', fields.CharField(max_length=100)),
                ('seq', fields.BigIntField()),
                ('kind', fields.CharField(max_length=64)),
                ('at_ms', fields.BigIntField()),
                ('body', fields.TextField(unique=False)),
                ('digest', fields.CharField(max_length=64)),
            ],
            options={'table': 'kernel_journal', 'app': 'kernel', 'unique_together': (('lane_key', 'seq'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
