from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0013_letterrow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='JournalCheckRow',
            fields=[
                ('lane_key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100)),
                ('company_id', fields.CharField(null=True, max_length=36)),
                ('round_ms', fields.BigIntField()),
                ('seq', fields.BigIntField()),
                ('digest', fields.CharField(max_length=64)),
                ('whole_ms', fields.BigIntField(null=True)),
                ('breach', fields.CharField(null=True, max_length=16)),
                ('breach_seq', fields.BigIntField(null=True)),
                ('breach_kind', fields.CharField(null=True, max_length=64)),
                ('breach_ms', fields.BigIntField(null=True)),
            ],
            options={'table': 'kernel_journal_check', 'app': 'kernel', 'pk_attr': 'lane_key'},
            bases=['Model'],
        ),
    ]
