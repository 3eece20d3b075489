from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0003_ofdexchange')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Shift',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('kkm_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('number', fields.IntField()),
                ('opened_ms', fields.BigIntField()),
                ('closed_ms', fields.BigIntField(null=True)),
                ('closed_by', fields.CharField(null=True, max_length=36)),
                ('report', fields.TextField(null=True, unique=False)),
                ('server_report', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'fkz_shift', 'app': 'fiscal_kz', 'unique_together': (('kkm_id', 'number'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
