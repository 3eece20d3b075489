from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0011_shopexchangerow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Batch',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('contract_id', fields.CharField(max_length=36)),
                ('terminal_id', fields.CharField(max_length=36)),
                ('number', fields.IntField()),
                ('day', fields.CharField(max_length=10)),
                ('state', fields.CharField(max_length=16)),
                ('stan', fields.IntField()),
                ('more_stan', fields.IntField()),
                ('purchases', fields.IntField()),
                ('purchases_tiyn', fields.BigIntField()),
                ('voids', fields.IntField()),
                ('voids_tiyn', fields.BigIntField()),
                ('refunds', fields.IntField()),
                ('refunds_tiyn', fields.BigIntField()),
                ('result', fields.CharField(max_length=32)),
                ('code', fields.CharField(max_length=64)),
                ('attempts', fields.IntField()),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('closed_ms', fields.BigIntField(null=True)),
            ],
            options={'table': 'pos_batch', 'app': 'pos_terminal', 'unique_together': (('terminal_id', 'number'),), 'indexes': [Index(fields=['company_id', 'state'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
