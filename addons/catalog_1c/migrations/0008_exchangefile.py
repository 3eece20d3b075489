from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.catalog_1c.models import FileKind, FileState
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0007_exchange')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ExchangeFile',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('exchange_id', fields.CharField(max_length=36)),
                ('connection_id', fields.CharField(max_length=36)),
                ('archive_id', fields.CharField(null=True, max_length=36)),
                ('name', fields.CharField(max_length=255)),
                ('generation', fields.IntField()),
                ('kind', fields.CharEnumField(description='XML: xml\nARCHIVE: archive\nOTHER: other', enum_type=FileKind, max_length=10)),
                ('state', fields.CharEnumField(description='WRITING: writing\nRECEIVED: received\nCUT: cut\nQUEUED: queued\nRUNNING: running\nDONE: done\nREFUSED: refused', enum_type=FileState, max_length=10)),
                ('bytes', fields.BigIntField(default=0)),
                ('digest', fields.CharField(default='', max_length=64)),
                ('session_id', fields.CharField(null=True, max_length=36)),
                ('refusal_code', fields.CharField(default='', max_length=60)),
                ('refusal_facts', fields.TextField(unique=False)),
                ('is_kept', fields.BooleanField(default=True)),
                ('received_ms', fields.BigIntField()),
                ('finished_at', UtcField(source_field='finished_ms', null=True, generated=False, unique=False)),
            ],
            options={'table': 'c1c_file', 'app': 'catalog_1c', 'indexes': [Index(fields=['exchange_id', 'name']), Index(fields=['connection_id', 'state']), Index(fields=['session_id']), Index(fields=['is_kept', 'received_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
