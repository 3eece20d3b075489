from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0030_feedentry')]

    initial = False

    operations = [
        ops.CreateModel(
            name='FeedFollower',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('follower_id', fields.CharField(max_length=36)),
                ('epoch', fields.CharField(max_length=8)),
                ('seq', fields.BigIntField()),
                ('is_verified', fields.BooleanField(default=False)),
                ('acked', UtcField(source_field='acked_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_feed_follower', 'app': 'catalog', 'unique_together': (('register_id', 'follower_id'),), 'indexes': [Index(fields=['company_id', 'register_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
