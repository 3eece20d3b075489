from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0005_tariff')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Terminal',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('contract_id', fields.CharField(max_length=36)),
                ('outlet_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(null=True, max_length=36)),
                ('operator_id', fields.CharField(null=True, unique=True, max_length=36)),
                ('title', fields.CharField(max_length=120)),
                ('state', fields.CharField(max_length=16)),
                ('terminal_code', fields.CharField(null=True, max_length=32)),
                ('merchant_code', fields.CharField(max_length=32)),
                ('serial_number', fields.CharField(max_length=64)),
                ('address', fields.CharField(max_length=190)),
                ('is_through_agent', fields.BooleanField()),
                ('iban', fields.CharField(max_length=20)),
                ('bic', fields.CharField(max_length=11)),
                ('contact_email', fields.CharField(max_length=254)),
                ('batch', fields.IntField()),
                ('last_stan', fields.IntField()),
                ('secrets_sealed', fields.TextField(null=True, unique=False)),
                ('keys_loaded_ms', fields.BigIntField(null=True)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('changed_ms', fields.BigIntField()),
            ],
            options={'table': 'pos_terminal', 'app': 'pos_terminal', 'unique_together': (('contract_id', 'terminal_code'),), 'indexes': [Index(fields=['company_id', 'id']), Index(fields=['register_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
