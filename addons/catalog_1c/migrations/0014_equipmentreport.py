from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.catalog_1c.domain.equipment import ReportState
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0013_equipmentlink')]

    initial = False

    operations = [
        ops.CreateModel(
            name='EquipmentReport',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('link_id', fields.CharField(max_length=36)),
                ('number', fields.BigIntField()),
                ('state', fields.CharEnumField(description='PLANNED: planned\nWRITTEN: written\nTAKEN: taken\nLOST: lost\nREFUSED: refused\nREPLACED: replaced', enum_type=ReportState, max_length=12)),
                ('offer_id', fields.CharField(max_length=36)),
                ('first_transaction', fields.BigIntField()),
                ('transactions', fields.IntField(default=0)),
                ('digest', fields.CharField(default='', max_length=64)),
                ('shifts', fields.IntField(default=0)),
                ('receipts', fields.IntField(default=0)),
                ('unknown_lines', fields.IntField(default=0)),
                ('purchases', fields.IntField(default=0)),
                ('left_out', fields.IntField(default=0)),
                ('created_at', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('taken_at', UtcField(source_field='taken_ms', null=True, generated=False, unique=False)),
            ],
            options={'table': 'c1c_equipment_report', 'app': 'catalog_1c', 'unique_together': (('link_id', 'number'),), 'indexes': [Index(fields=['company_id', 'id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
