from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import QuantityField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0005_bundle')]

    initial = False

    operations = [
        ops.CreateModel(
            name='BundleLine',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('bundle_id', fields.CharField(max_length=36)),
                ('product_id', fields.CharField(max_length=36)),
                ('quantity', QuantityField(source_field='quantity_thousandths', generated=False, null=False, unique=False)),
                ('place', fields.IntField()),
            ],
            options={'table': 'cat_bundle_line', 'app': 'catalog', 'unique_together': (('bundle_id', 'product_id'),), 'indexes': [Index(fields=['product_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
