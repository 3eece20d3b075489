from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0034_sheetimport')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SheetProfileRow',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('name', fields.CharField(max_length=60)),
                ('body', fields.TextField(unique=False)),
                ('updated_at', UtcField(source_field='updated_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_sheet_profile', 'app': 'catalog', 'unique_together': (('company_id', 'name'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
