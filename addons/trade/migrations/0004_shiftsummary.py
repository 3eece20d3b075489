from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import MoneyField, UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('trade', '0003_saleline')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ShiftSummary',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('number', fields.BigIntField()),
                ('opened_at', UtcField(generated=False, null=False, unique=False)),
                ('closed_at', UtcField(null=True, generated=False, unique=False)),
                ('closed_by', fields.CharField(null=True, max_length=36)),
                ('kkm_registration_number', fields.CharField(default='', max_length=32)),
                ('documents', fields.BigIntField(default=0)),
                ('offline_documents', fields.BigIntField(default=0)),
                ('deposits', MoneyField(default=0, generated=False, null=False, unique=False)),
                ('withdrawals', MoneyField(default=0, generated=False, null=False, unique=False)),
                ('drawer', MoneyField(default=0, generated=False, null=False, unique=False)),
                ('operations', fields.TextField(unique=False)),
                ('is_test', fields.BooleanField(default=False)),
            ],
            options={'table': 'trd_shift_summary', 'app': 'trade', 'indexes': [Index(fields=['register_id', 'opened_at', 'id'], name='trd_shift_register'), Index(fields=['company_id', 'opened_at', 'id'], name='trd_shift_company')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
