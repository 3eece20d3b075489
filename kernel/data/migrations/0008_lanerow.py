from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0007_journalrow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LaneRow',
            fields=[
                ('lane_key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100)),
                ('company_id', fields.CharField(null=True, max_length=36)),
                ('head_seq', fields.BigIntField(default=1)),
                ('tail_seq', fields.BigIntField(default=0)),
                ('due_ms', fields.BigIntField(null=True, db_index=True)),
                ('attempts', fields.IntField(default=0)),
                ('faults', fields.IntField(default=0)),
                ('blocked_code', fields.CharField(null=True, db_index=True, max_length=64)),
                ('last_error', fields.TextField(null=True, unique=False)),
                ('lease_owner', fields.CharField(null=True, max_length=100)),
                ('lease_epoch', fields.BigIntField(default=0)),
                ('journal_seq', fields.BigIntField(default=0)),
                ('journal_digest', fields.CharField(max_length=64)),
                ('head_job', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'kernel_lane', 'app': 'kernel', 'pk_attr': 'lane_key'},
            bases=['Model'],
        ),
    ]
