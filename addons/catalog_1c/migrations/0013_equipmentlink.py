from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.catalog_1c.domain.device_files import DeviceFormat
from addons.catalog_1c.domain.equipment import LinkWay, TakenWhen
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0012_addfield_importsession_is_dry')]

    initial = False

    operations = [
        ops.CreateModel(
            name='EquipmentLink',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('connection_id', fields.CharField(max_length=36)),
                ('format', fields.CharEnumField(description='FRONTOL: frontol\nSHTRIH: shtrih\nEQUIPMENT: equipment', enum_type=DeviceFormat, max_length=12)),
                ('way', fields.CharEnumField(description='FOLDER: folder\nSERVICE: service', enum_type=LinkWay, max_length=12)),
                ('is_enabled', fields.BooleanField(default=True)),
                ('every_s', fields.IntField()),
                ('due_ms', fields.BigIntField(default=0)),
                ('register_id', fields.CharField(null=True, max_length=36)),
                ('folder', fields.CharField(default='', max_length=60)),
                ('goods_file', fields.CharField(default='', max_length=60)),
                ('goods_flag', fields.CharField(default='', max_length=60)),
                ('report_file', fields.CharField(default='', max_length=60)),
                ('report_flag', fields.CharField(default='', max_length=60)),
                ('encoding', fields.CharField(default='', max_length=16)),
                ('taxes', fields.TextField(unique=False)),
                ('unknown_code', fields.CharField(max_length=40)),
                ('mobile_kind', fields.IntField()),
                ('taken_when', fields.CharEnumField(default=TakenWhen.MARKED, description='MARKED: marked\nREMOVED: removed', enum_type=TakenWhen, max_length=12)),
                ('service_url', fields.CharField(default='', max_length=300)),
                ('device_id', fields.CharField(default='', max_length=80)),
                ('login', fields.CharField(default='', max_length=80)),
                ('password', fields.TextField(null=True, unique=False)),
                ('wants_full', fields.BooleanField(default=True)),
                ('transfer_id', fields.CharField(default='', max_length=80)),
                ('package_asked', fields.IntField(default=0)),
                ('package_done', fields.IntField(default=0)),
                ('posted', fields.TextField(unique=False)),
                ('report_number', fields.BigIntField(default=0)),
                ('next_transaction', fields.BigIntField(default=1)),
                ('trouble_code', fields.CharField(default='', max_length=60)),
                ('trouble_facts', fields.TextField(unique=False)),
                ('ran_at', UtcField(source_field='ran_ms', null=True, generated=False, unique=False)),
                ('created_at', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'c1c_equipment_link', 'app': 'catalog_1c', 'unique_together': (('connection_id',),), 'indexes': [Index(fields=['is_enabled', 'due_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
