from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0006_terminal')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Terms',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('contract_id', fields.CharField(max_length=36)),
                ('valid_from_ms', fields.BigIntField()),
                ('zone', fields.CharField(max_length=64)),
                ('cut_off_minute', fields.IntField()),
                ('rounding', fields.CharField(max_length=16)),
                ('fee_min_tiyn', fields.BigIntField()),
                ('fee_max_tiyn', fields.BigIntField(null=True)),
                ('is_commission_returned', fields.BooleanField()),
                ('credit_days', fields.IntField()),
                ('qr_as', fields.CharField(max_length=8)),
                ('has_partial_refund', fields.BooleanField()),
            ],
            options={'table': 'pos_terms', 'app': 'pos_terminal', 'unique_together': (('contract_id', 'valid_from_ms'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
