from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0008_change')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ExtraGroup',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('product_id', fields.CharField(max_length=36)),
                ('group_id', fields.CharField(max_length=36)),
            ],
            options={'table': 'cat_extra_group', 'app': 'catalog', 'unique_together': (('product_id', 'group_id'),), 'indexes': [Index(fields=['company_id', 'group_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
