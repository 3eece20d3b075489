from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('organization', '0023_factor')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LetterToken',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('purpose', fields.CharField(max_length=16)),
                ('email', fields.CharField(max_length=190)),
                ('company_id', fields.CharField(null=True, max_length=36)),
                ('body', fields.TextField(unique=False)),
                ('digest', fields.CharField(unique=True, max_length=64)),
                ('letters', fields.IntField()),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('sent', UtcField(source_field='sent_ms', generated=False, null=False, unique=False)),
                ('until_ms', UtcField(generated=False, null=False, unique=False)),
                ('used', UtcField(source_field='used_ms', null=True, generated=False, unique=False)),
            ],
            options={'table': 'org_letter_token', 'app': 'organization', 'indexes': [Index(fields=['purpose', 'email']), Index(fields=['company_id']), Index(fields=['until_ms'])], 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
