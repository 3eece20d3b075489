from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0011_addfield_kkm_clock_drift_ms')]

    initial = False

    operations = [
        ops.CreateModel(
            name='NomenclatureAsk',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('kkm_id', fields.CharField(max_length=36)),
                ('barcode', fields.CharField(null=True, max_length=64)),
                ('state', fields.CharField(max_length=8)),
                ('reject_code', fields.CharField(null=True, max_length=64)),
                ('version', fields.BigIntField(null=True)),
                ('exchange_id', fields.CharField(null=True, max_length=36)),
                ('place', fields.IntField(default=0)),
                ('total', fields.IntField(default=0)),
                ('created', fields.IntField(default=0)),
                ('updated', fields.IntField(default=0)),
                ('unchanged', fields.IntField(default=0)),
                ('skipped', fields.IntField(default=0)),
                ('notes', fields.TextField(unique=False)),
                ('found', fields.TextField(null=True, unique=False)),
                ('product_id', fields.CharField(null=True, max_length=36)),
                ('asked_ms', fields.BigIntField()),
                ('settled_ms', fields.BigIntField(null=True)),
            ],
            options={'table': 'fkz_nomenclature', 'app': 'fiscal_kz', 'indexes': [Index(fields=['kkm_id', 'asked_ms'], name='fkz_nomenclature_kkm')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
