from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0006_bundleline')]

    initial = False

    operations = [
        ops.CreateModel(
            name='BundleRegister',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('bundle_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
            ],
            options={'table': 'cat_bundle_register', 'app': 'catalog', 'unique_together': (('bundle_id', 'register_id'),), 'indexes': [Index(fields=['register_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
