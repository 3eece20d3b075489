from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0031_feedfollower')]

    initial = False

    operations = [
        ops.CreateModel(
            name='FeedHead',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('epoch', fields.CharField(max_length=8)),
                ('seq', fields.BigIntField()),
                ('floor_seq', fields.BigIntField(default=0)),
            ],
            options={'table': 'cat_feed_head', 'app': 'catalog', 'unique_together': (('company_id',),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
