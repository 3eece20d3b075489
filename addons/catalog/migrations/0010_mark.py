from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0009_extragroup')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Mark',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('key_text', fields.CharField(max_length=64)),
                ('subject', fields.CharField(max_length=36)),
                ('product_id', fields.CharField(max_length=36)),
                ('gtin', fields.CharField(default='', max_length=14)),
                ('taken_ms', UtcField(generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_mark', 'app': 'catalog', 'unique_together': (('company_id', 'key_text'),), 'indexes': [Index(fields=['subject'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
