from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0017_addfield_audit_via_company_id')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Revision',
            fields=[
                ('company_id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=36)),
                ('revision', fields.BigIntField()),
            ],
            options={'table': 'kernel_revision', 'app': 'kernel', 'pk_attr': 'company_id'},
            bases=['Model'],
        ),
    ]
