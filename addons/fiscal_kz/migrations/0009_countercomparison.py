from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0008_addfield_kkm_device_id')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CounterComparison',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('kkm_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('at_ms', fields.BigIntField()),
                ('shift_number', fields.IntField()),
                ('differences', fields.TextField(unique=False)),
            ],
            options={'table': 'fkz_comparison', 'app': 'fiscal_kz', 'indexes': [Index(fields=['kkm_id', 'at_ms'], name='fkz_comparison_kkm')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
