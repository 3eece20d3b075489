from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0028_grouppath')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Exchange',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('kind', fields.CharField(max_length=16)),
                ('state', fields.CharField(max_length=16)),
                ('reason', fields.CharField(default='', max_length=64)),
                ('note', fields.CharField(default='', max_length=200)),
                ('moved_count', fields.IntField(default=0)),
                ('is_full', fields.BooleanField(default=False)),
                ('epoch', fields.CharField(default='', max_length=8)),
                ('target_seq', fields.BigIntField(default=0)),
                ('ordered_by', fields.CharField(max_length=36)),
                ('follower_id', fields.CharField(default='', max_length=36)),
                ('created_ms', UtcField(generated=False, null=False, unique=False)),
                ('taken_ms', UtcField(null=True, generated=False, unique=False)),
                ('ready_ms', UtcField(null=True, generated=False, unique=False)),
                ('ended_ms', UtcField(null=True, generated=False, unique=False)),
                ('until_ms', UtcField(generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_exchange', 'app': 'catalog', 'indexes': [Index(fields=['company_id', 'register_id', 'id']), Index(fields=['state', 'until_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
