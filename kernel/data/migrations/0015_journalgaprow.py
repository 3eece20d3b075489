from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('kernel', '0014_journalcheckrow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='JournalGapRow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(null=True, max_length=36)),
                ('lane_key', fields.CharField(max_length=100)),
                ('from_seq', fields.BigIntField()),
                ('to_seq', fields.BigIntField()),
                ('to_digest', fields.CharField(max_length=64)),
                ('cause', fields.CharField(max_length=16)),
                ('at_ms', fields.BigIntField()),
                ('actor_id', fields.CharField(max_length=64)),
                ('reason', fields.TextField(unique=False)),
            ],
            options={'table': 'kernel_journal_gap', 'app': 'kernel', 'indexes': [Index(fields=['lane_key', 'from_seq'], name='kernel_journal_gap_lane')], 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
