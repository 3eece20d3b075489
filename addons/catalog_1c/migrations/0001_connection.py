from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Connection',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('title', fields.CharField(max_length=100)),
                ('price_type', fields.CharField(default='', max_length=100)),
                ('default_vat', fields.CharField(default='', max_length=20)),
                ('field_names', fields.TextField(unique=False)),
                ('price_types', fields.TextField(unique=False)),
                ('properties', fields.TextField(unique=False)),
                ('created_at', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'c1c_connection', 'app': 'catalog_1c', 'unique_together': (('company_id', 'title'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
