from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0004_saleschannel')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SalesShift',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('channel_id', fields.CharField(max_length=36)),
                ('shift_id', fields.CharField(max_length=36)),
                ('version', fields.IntField(default=1)),
                ('fingerprint', fields.CharField(max_length=32)),
                ('is_acknowledged', fields.BooleanField(default=False)),
                ('is_settled', fields.BooleanField(default=False)),
                ('open_tickets', fields.TextField(unique=False)),
                ('open_after', fields.TextField(unique=False)),
                ('offer_id', fields.CharField(null=True, max_length=36)),
            ],
            options={'table': 'c1c_sales_shift', 'app': 'catalog_1c', 'unique_together': (('channel_id', 'shift_id'),), 'indexes': [Index(fields=['channel_id', 'offer_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
