from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0007_bundleregister')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Change',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('product_id', fields.CharField(max_length=36)),
                ('at_ms', UtcField(generated=False, null=False, unique=False)),
                ('action', fields.CharField(max_length=24)),
                ('actor_kind', fields.CharField(max_length=16)),
                ('actor_id', fields.CharField(max_length=64)),
                ('origin', fields.CharField(max_length=64)),
                ('changes', fields.TextField(unique=False)),
            ],
            options={'table': 'cat_change', 'app': 'catalog', 'indexes': [Index(fields=['company_id', 'product_id', 'id']), Index(fields=['at_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
