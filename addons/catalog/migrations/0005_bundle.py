from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0004_productgroup')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Bundle',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('name', fields.CharField(max_length=255)),
                ('name_kk', fields.CharField(default='', max_length=255)),
                ('barcode', fields.CharField(default='', max_length=64)),
                ('key_text', fields.CharField(default='', max_length=64)),
                ('is_everywhere', fields.BooleanField(default=True)),
                ('is_archived', fields.BooleanField(default=False)),
                ('updated_at', UtcField(source_field='updated_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_bundle', 'app': 'catalog', 'indexes': [Index(fields=['company_id', 'key_text']), Index(fields=['company_id', 'name'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
