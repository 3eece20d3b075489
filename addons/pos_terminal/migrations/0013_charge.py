from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0012_batch')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Charge',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('contract_id', fields.CharField(max_length=36)),
                ('terminal_id', fields.CharField(max_length=36)),
                ('day', fields.CharField(max_length=10)),
                ('credit_day', fields.CharField(max_length=10)),
                ('kind', fields.CharField(max_length=8)),
                ('scheme', fields.CharField(max_length=32)),
                ('method', fields.CharField(max_length=8)),
                ('original_id', fields.CharField(null=True, max_length=36)),
                ('gross_tiyn', fields.BigIntField()),
                ('rate_ppm', fields.IntField()),
                ('commission_tiyn', fields.BigIntField()),
                ('settled_ms', fields.BigIntField()),
            ],
            options={'table': 'pos_charge', 'app': 'pos_terminal', 'indexes': [Index(fields=['company_id', 'day', 'contract_id']), Index(fields=['original_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
