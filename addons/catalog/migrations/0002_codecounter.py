from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0001_barcode')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CodeCounter',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('next_code', fields.IntField(default=1)),
            ],
            options={'table': 'cat_code_counter', 'app': 'catalog', 'unique_together': (('company_id',),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
