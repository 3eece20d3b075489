from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0012_price')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PriceType',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('name', fields.CharField(max_length=255)),
                ('is_archived', fields.BooleanField(default=False)),
                ('source', fields.CharField(null=True, max_length=36)),
                ('external_id', fields.CharField(null=True, max_length=160)),
                ('updated_at', UtcField(source_field='updated_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_price_type', 'app': 'catalog', 'unique_together': (('company_id', 'source', 'external_id'),), 'indexes': [Index(fields=['company_id', 'name'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
