from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0029_exchange')]

    initial = False

    operations = [
        ops.CreateModel(
            name='FeedEntry',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('kind', fields.CharField(max_length=16)),
                ('seq', fields.BigIntField()),
                ('moved_seq', fields.BigIntField(default=0)),
                ('is_out', fields.BooleanField(default=False)),
                ('at_ms', UtcField(generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_feed', 'app': 'catalog', 'indexes': [Index(fields=['company_id', 'seq']), Index(fields=['is_out', 'at_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
