from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0027_searchterm')]

    initial = False

    operations = [
        ops.CreateModel(
            name='GroupPath',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('group_id', fields.CharField(max_length=36)),
                ('ancestor_id', fields.CharField(max_length=36)),
            ],
            options={'table': 'cat_group_path', 'app': 'catalog', 'unique_together': (('group_id', 'ancestor_id'),), 'indexes': [Index(fields=['ancestor_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
