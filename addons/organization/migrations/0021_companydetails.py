from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0020_companychange')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CompanyDetails',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('number', fields.IntField(unique=True)),
                ('login', fields.CharField(null=True, unique=True, max_length=64)),
                ('legal_form', fields.CharField(default='', max_length=24)),
                ('name', fields.CharField(default='', max_length=200)),
                ('name_kk', fields.CharField(default='', max_length=200)),
                ('tax_regime', fields.CharField(default='', max_length=24)),
                ('iban', fields.CharField(default='', max_length=34)),
                ('bic', fields.CharField(default='', max_length=11)),
                ('city', fields.CharField(default='', max_length=100)),
                ('address', fields.CharField(default='', max_length=255)),
                ('phone', fields.CharField(default='', max_length=16)),
                ('oked', fields.CharField(default='', max_length=5)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'org_company_details', 'app': 'organization', 'unique_together': (('company_id',),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
