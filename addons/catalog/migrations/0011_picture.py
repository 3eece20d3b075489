from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0010_mark')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Picture',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('product_id', fields.CharField(max_length=36)),
                ('place', fields.IntField()),
                ('digest', fields.CharField(max_length=64)),
                ('media_type', fields.CharField(max_length=16)),
                ('size_bytes', fields.IntField()),
                ('created_at', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_picture', 'app': 'catalog', 'unique_together': (('product_id', 'digest'),), 'indexes': [Index(fields=['company_id', 'digest'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
