from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0016_scalerule')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Stock',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('product_id', fields.CharField(max_length=36)),
                ('outlet_id', fields.CharField(max_length=36)),
                ('thousandths', fields.BigIntField()),
                ('updated_at', UtcField(source_field='updated_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_stock', 'app': 'catalog', 'unique_together': (('product_id', 'outlet_id'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
