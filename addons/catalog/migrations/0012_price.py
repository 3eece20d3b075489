from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import MoneyField, UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0011_picture')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Price',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('product_id', fields.CharField(max_length=36)),
                ('price_type_id', fields.CharField(max_length=36)),
                ('from_ms', UtcField(generated=False, null=False, unique=False)),
                ('price', MoneyField(source_field='price_tiyn', null=True, generated=False, unique=False)),
                ('is_told', fields.BooleanField(default=False)),
            ],
            options={'table': 'cat_price', 'app': 'catalog', 'unique_together': (('product_id', 'price_type_id', 'from_ms'),), 'indexes': [Index(fields=['is_told', 'from_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
