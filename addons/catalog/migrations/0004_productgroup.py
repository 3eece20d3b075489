from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0003_product')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ProductGroup',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('code', fields.CharField(max_length=64)),
                ('name', fields.CharField(max_length=255)),
                ('name_kk', fields.CharField(default='', max_length=255)),
                ('parent_id', fields.CharField(null=True, max_length=36)),
                ('is_archived', fields.BooleanField(default=False)),
                ('source', fields.CharField(null=True, max_length=36)),
                ('external_id', fields.CharField(null=True, max_length=160)),
                ('updated_at', UtcField(source_field='updated_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_group', 'app': 'catalog', 'unique_together': (('company_id', 'code'), ('company_id', 'source', 'external_id')), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
