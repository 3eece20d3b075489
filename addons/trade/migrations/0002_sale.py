from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.trade.domain.kinds import FiscalState, SaleKind
from kernel.data.fields import MoneyField, UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('trade', '0001_cashoperation')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Sale',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('sale_key', fields.CharField(max_length=36)),
                ('body_digest', fields.CharField(max_length=64)),
                ('kind', fields.CharEnumField(description='SELL: SELL\nSELL_RETURN: SELL_RETURN\nBUY: BUY\nBUY_RETURN: BUY_RETURN', enum_type=SaleKind, max_length=16)),
                ('register_id', fields.CharField(max_length=36)),
                ('operator_id', fields.CharField(max_length=36)),
                ('created_at', UtcField(generated=False, null=False, unique=False)),
                ('total', MoneyField(generated=False, null=False, unique=False)),
                ('discount', MoneyField(generated=False, null=False, unique=False)),
                ('markup', MoneyField(generated=False, null=False, unique=False)),
                ('vat', MoneyField(generated=False, null=False, unique=False)),
                ('taken', MoneyField(generated=False, null=False, unique=False)),
                ('change_back', MoneyField(generated=False, null=False, unique=False)),
                ('cash', MoneyField(generated=False, null=False, unique=False)),
                ('card', MoneyField(generated=False, null=False, unique=False)),
                ('mobile', MoneyField(generated=False, null=False, unique=False)),
                ('returned_cash', MoneyField(default=0, generated=False, null=False, unique=False)),
                ('returned_card', MoneyField(default=0, generated=False, null=False, unique=False)),
                ('returned_mobile', MoneyField(default=0, generated=False, null=False, unique=False)),
                ('original_id', fields.CharField(null=True, max_length=36)),
                ('receipt_secret', fields.CharField(max_length=22)),
                ('header', fields.TextField(unique=False)),
                ('state', fields.CharEnumField(description='PENDING: PENDING\nOFFLINE: OFFLINE\nFISCALIZED: FISCALIZED\nREJECTED: REJECTED', enum_type=FiscalState, max_length=16)),
                ('sign', fields.CharField(null=True, max_length=32)),
                ('offline_number', fields.BigIntField(null=True)),
                ('is_offline', fields.BooleanField(default=False)),
                ('ticket_at', UtcField(null=True, generated=False, unique=False)),
                ('kkm_registration_number', fields.CharField(default='', max_length=32)),
                ('kkm_factory_number', fields.CharField(default='', max_length=64)),
                ('shift_number', fields.BigIntField(null=True)),
                ('document_number', fields.BigIntField(null=True)),
                ('qr_text', fields.CharField(default='', max_length=512)),
                ('ofd_title', fields.CharField(default='', max_length=128)),
                ('ofd_site', fields.CharField(default='', max_length=128)),
                ('rejection_code', fields.CharField(null=True, max_length=64)),
                ('is_test', fields.BooleanField(default=False)),
            ],
            options={'table': 'trd_sale', 'app': 'trade', 'unique_together': (('company_id', 'sale_key'),), 'indexes': [Index(fields=['company_id', 'created_at', 'id'], name='trd_sale_company'), Index(fields=['register_id', 'created_at', 'id'], name='trd_sale_register'), Index(fields=['original_id'], name='trd_sale_original')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
