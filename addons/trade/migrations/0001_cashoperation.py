from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.trade.domain.kinds import CashDirection, FiscalState
from kernel.data.fields import MoneyField, UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='CashOperation',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('cash_key', fields.CharField(max_length=36)),
                ('body_digest', fields.CharField(max_length=64)),
                ('direction', fields.CharEnumField(description='DEPOSIT: DEPOSIT\nWITHDRAWAL: WITHDRAWAL', enum_type=CashDirection, max_length=16)),
                ('register_id', fields.CharField(max_length=36)),
                ('operator_id', fields.CharField(max_length=36)),
                ('created_at', UtcField(generated=False, null=False, unique=False)),
                ('amount', MoneyField(generated=False, null=False, unique=False)),
                ('state', fields.CharEnumField(description='PENDING: PENDING\nOFFLINE: OFFLINE\nFISCALIZED: FISCALIZED\nREJECTED: REJECTED', enum_type=FiscalState, max_length=16)),
                ('is_offline', fields.BooleanField(default=False)),
                ('offline_number', fields.BigIntField(null=True)),
                ('ticket_at', UtcField(null=True, generated=False, unique=False)),
                ('kkm_registration_number', fields.CharField(default='', max_length=32)),
                ('shift_number', fields.BigIntField(null=True)),
                ('document_number', fields.BigIntField(null=True)),
                ('rejection_code', fields.CharField(null=True, max_length=64)),
                ('is_test', fields.BooleanField(default=False)),
            ],
            options={'table': 'trd_cash', 'app': 'trade', 'unique_together': (('company_id', 'cash_key'),), 'indexes': [Index(fields=['register_id', 'created_at', 'id'], name='trd_cash_register')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
