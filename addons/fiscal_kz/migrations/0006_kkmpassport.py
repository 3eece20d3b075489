from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0005_addfield_shift_journal_seq')]

    initial = False

    operations = [
        ops.CreateModel(
            name='KkmPassport',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(unique=True, max_length=36)),
                ('factory_number', fields.CharField(null=True, unique=True, max_length=32)),
                ('made_year', fields.IntField(null=True)),
                ('is_sandbox', fields.BooleanField(default=False)),
                ('created_ms', fields.BigIntField()),
                ('passport_ms', fields.BigIntField(null=True)),
                ('mailed_to', fields.CharField(null=True, max_length=190)),
                ('asked_ms', fields.BigIntField(null=True)),
                ('refusal_code', fields.CharField(null=True, max_length=64)),
                ('decommissioned_ms', fields.BigIntField(null=True)),
            ],
            options={'table': 'fkz_passport', 'app': 'fiscal_kz', 'indexes': [Index(fields=['company_id'], name='fkz_passport_company')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
