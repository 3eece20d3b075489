from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0003_pendingoffer')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SalesChannel',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('connection_id', fields.CharField(max_length=36)),
                ('name', fields.CharField(max_length=20)),
                ('since_ms', fields.BigIntField()),
                ('floor_ms', fields.BigIntField(default=0)),
                ('offer_id', fields.CharField(null=True, max_length=36)),
                ('offered_at', UtcField(source_field='offered_ms', null=True, generated=False, unique=False)),
                ('acknowledged_at', UtcField(source_field='acknowledged_ms', null=True, generated=False, unique=False)),
            ],
            options={'table': 'c1c_sales_channel', 'app': 'catalog_1c', 'unique_together': (('connection_id', 'name'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
