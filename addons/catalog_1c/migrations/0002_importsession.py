from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.catalog_1c.models import SessionState
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0001_connection')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ImportSession',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('connection_id', fields.CharField(max_length=36)),
                ('state', fields.CharEnumField(description='RUNNING: running\nDONE: done\nREFUSED: refused\nINTERRUPTED: interrupted', enum_type=SessionState, max_length=12)),
                ('files', fields.TextField(unique=False)),
                ('report', fields.TextField(unique=False)),
                ('refusal_code', fields.CharField(default='', max_length=60)),
                ('refusal_facts', fields.TextField(unique=False)),
                ('started_at', UtcField(source_field='started_ms', generated=False, null=False, unique=False)),
                ('seen_at', UtcField(source_field='seen_ms', generated=False, null=False, unique=False)),
                ('finished_at', UtcField(source_field='finished_ms', null=True, generated=False, unique=False)),
            ],
            options={'table': 'c1c_session', 'app': 'catalog_1c', 'indexes': [Index(fields=['company_id', 'id']), Index(fields=['connection_id', 'state'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
