from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import MoneyField, UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('trade', '0010_addfield_saleline_warehouse_id')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CancelledSale',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('sale_key', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('operator_id', fields.CharField(max_length=36)),
                ('created_at', UtcField(generated=False, null=False, unique=False)),
                ('total', MoneyField(generated=False, null=False, unique=False)),
                ('reason', fields.CharField(max_length=200)),
                ('positions', fields.TextField(unique=False)),
            ],
            options={'table': 'trd_cancelled_sale', 'app': 'trade', 'unique_together': (('company_id', 'sale_key'),), 'indexes': [Index(fields=['company_id', 'created_at', 'id'], name='trd_cancelled_company')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
