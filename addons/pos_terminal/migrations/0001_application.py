from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Application',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('terminal_id', fields.CharField(max_length=36)),
                ('kind', fields.CharField(max_length=16)),
                ('state', fields.CharField(max_length=16)),
                ('version', fields.IntField()),
                ('serial_number', fields.CharField(max_length=64)),
                ('business', fields.CharField(max_length=255)),
                ('city', fields.CharField(max_length=100)),
                ('zip', fields.CharField(max_length=7)),
                ('iban', fields.CharField(max_length=20)),
                ('bic', fields.CharField(max_length=11)),
                ('contact_email', fields.CharField(max_length=254)),
                ('agreement', fields.CharField(max_length=64)),
                ('created_by', fields.CharField(max_length=64)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('signature_id', fields.CharField(null=True, max_length=36)),
                ('signed_by', fields.CharField(max_length=64)),
                ('signer_name', fields.CharField(max_length=200)),
                ('signed_ms', fields.BigIntField(null=True)),
                ('sent_ms', fields.BigIntField(null=True)),
                ('decided_by', fields.CharField(max_length=64)),
                ('decided_ms', fields.BigIntField(null=True)),
                ('reason', fields.CharField(max_length=250)),
            ],
            options={'table': 'pos_application', 'app': 'pos_terminal', 'indexes': [Index(fields=['terminal_id', 'id']), Index(fields=['company_id', 'state'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
