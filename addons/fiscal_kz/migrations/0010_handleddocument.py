from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0009_countercomparison')]

    initial = False

    operations = [
        ops.CreateModel(
            name='HandledDocument',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('kkm_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('result_code', fields.IntField()),
                ('reason', fields.CharField(max_length=500)),
                ('handled_by', fields.CharField(null=True, max_length=36)),
                ('at_ms', fields.BigIntField()),
            ],
            options={'table': 'fkz_handled', 'app': 'fiscal_kz', 'indexes': [Index(fields=['kkm_id'], name='fkz_handled_kkm')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
