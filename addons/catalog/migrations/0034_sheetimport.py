from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.catalog.domain.sheet_report import SheetState
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0033_addindex_product')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SheetImport',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('state', fields.CharEnumField(description='UPLOADED: uploaded\nCHECKING: checking\nCHECKED: checked\nSTORING: storing\nDONE: done\nREFUSED: refused\nSTOPPED: stopped', enum_type=SheetState, max_length=12)),
                ('file_name', fields.CharField(max_length=100)),
                ('size_bytes', fields.BigIntField()),
                ('profile', fields.TextField(unique=False)),
                ('facts', fields.TextField(unique=False)),
                ('options', fields.TextField(unique=False)),
                ('report', fields.TextField(unique=False)),
                ('token', fields.CharField(default='', max_length=64)),
                ('line', fields.IntField(default=0)),
                ('refusal_code', fields.CharField(default='', max_length=60)),
                ('refusal_facts', fields.TextField(unique=False)),
                ('actor_kind', fields.CharField(max_length=16)),
                ('actor_id', fields.CharField(max_length=64)),
                ('created_at', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('seen_at', UtcField(source_field='seen_ms', generated=False, null=False, unique=False)),
                ('finished_at', UtcField(source_field='finished_ms', null=True, generated=False, unique=False)),
            ],
            options={'table': 'cat_sheet_import', 'app': 'catalog', 'indexes': [Index(fields=['company_id', 'id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
