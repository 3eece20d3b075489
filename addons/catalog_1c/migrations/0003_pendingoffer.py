from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0002_importsession')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PendingOffer',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('connection_id', fields.CharField(max_length=36)),
                ('external_id', fields.CharField(max_length=160)),
                ('waits_for', fields.CharField(max_length=160)),
                ('digest', fields.CharField(max_length=32)),
                ('body', fields.TextField(unique=False)),
                ('received_at', UtcField(source_field='received_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'c1c_pending_offer', 'app': 'catalog_1c', 'unique_together': (('connection_id', 'external_id'),), 'indexes': [Index(fields=['connection_id', 'waits_for'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
