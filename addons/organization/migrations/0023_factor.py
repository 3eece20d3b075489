from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('organization', '0022_consent')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Factor',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('user_id', fields.CharField(max_length=36)),
                ('kind', fields.CharField(max_length=16)),
                ('title', fields.CharField(max_length=100)),
                ('secret', fields.TextField(unique=False)),
                ('credential_id', fields.CharField(null=True, unique=True, max_length=512)),
                ('counter', fields.BigIntField(default=0)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('confirmed', UtcField(source_field='confirmed_ms', null=True, generated=False, unique=False)),
                ('used', UtcField(source_field='used_ms', null=True, generated=False, unique=False)),
            ],
            options={'table': 'org_factor', 'app': 'organization', 'indexes': [Index(fields=['user_id'])], 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
