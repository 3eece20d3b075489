from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('organization', '0016_user')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Approval',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('action', fields.CharField(max_length=24)),
                ('operator_id', fields.CharField(max_length=36)),
                ('asked_by', fields.CharField(max_length=36)),
                ('digest', fields.CharField(unique=True, max_length=64)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('until_ms', UtcField(generated=False, null=False, unique=False)),
                ('used', UtcField(source_field='used_ms', null=True, generated=False, unique=False)),
                ('subject', fields.CharField(null=True, max_length=128)),
            ],
            options={'table': 'org_approval', 'app': 'organization', 'indexes': [Index(fields=['until_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
