from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('organization', '0027_serviceaccount')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Signature',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('user_id', fields.CharField(max_length=36)),
                ('company_id', fields.CharField(null=True, max_length=36)),
                ('purpose', fields.CharField(max_length=32)),
                ('text', fields.TextField(unique=False)),
                ('cms', fields.TextField(null=True, unique=False)),
                ('signer_name', fields.CharField(default='', max_length=200)),
                ('signer_iin', fields.CharField(default='', max_length=12)),
                ('signer_bin', fields.CharField(default='', max_length=12)),
                ('serial', fields.CharField(default='', max_length=64)),
                ('algorithm', fields.CharField(default='', max_length=16)),
                ('revocation', fields.CharField(default='', max_length=16)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('until_ms', UtcField(generated=False, null=False, unique=False)),
                ('signed', UtcField(source_field='signed_ms', null=True, generated=False, unique=False)),
            ],
            options={'table': 'org_signature', 'app': 'organization', 'indexes': [Index(fields=['company_id']), Index(fields=['until_ms'])], 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
