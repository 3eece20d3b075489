from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0015_statement')]

    initial = False

    operations = [
        ops.CreateModel(
            name='StatementRow',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('statement_id', fields.CharField(max_length=36)),
                ('contract_id', fields.CharField(max_length=36)),
                ('number', fields.IntField()),
                ('kind', fields.CharField(max_length=8)),
                ('rrn', fields.CharField(max_length=64)),
                ('at_ms', fields.BigIntField()),
                ('day', fields.CharField(max_length=10)),
                ('credit_day', fields.CharField(max_length=10)),
                ('terminal_code', fields.CharField(max_length=32)),
                ('gross_tiyn', fields.BigIntField()),
                ('commission_tiyn', fields.BigIntField()),
                ('net_tiyn', fields.BigIntField()),
                ('authorization_code', fields.CharField(max_length=16)),
                ('masked_number', fields.CharField(max_length=32)),
                ('scheme', fields.CharField(max_length=32)),
                ('method', fields.CharField(max_length=32)),
                ('note', fields.CharField(max_length=250)),
                ('payment_id', fields.CharField(null=True, max_length=36)),
                ('verdict', fields.CharField(max_length=24)),
            ],
            options={'table': 'pos_statement_row', 'app': 'pos_terminal', 'unique_together': (('contract_id', 'rrn', 'kind', 'at_ms'),), 'indexes': [Index(fields=['statement_id', 'number']), Index(fields=['payment_id']), Index(fields=['company_id', 'day', 'verdict'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
