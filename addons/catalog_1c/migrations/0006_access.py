from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0005_salesshift')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Access',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('connection_id', fields.CharField(max_length=36)),
                ('login', fields.CharField(max_length=40)),
                ('secret_hash', fields.CharField(max_length=128)),
                ('created_at', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('used_at', UtcField(source_field='used_ms', null=True, generated=False, unique=False)),
            ],
            options={'table': 'c1c_access', 'app': 'catalog_1c', 'unique_together': (('connection_id',), ('login',)), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
