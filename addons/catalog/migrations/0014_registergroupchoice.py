from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0013_pricetype')]

    initial = False

    operations = [
        ops.CreateModel(
            name='RegisterGroupChoice',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('group_id', fields.CharField(max_length=36)),
            ],
            options={'table': 'cat_register_group', 'app': 'catalog', 'unique_together': (('register_id', 'group_id'),), 'indexes': [Index(fields=['group_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
