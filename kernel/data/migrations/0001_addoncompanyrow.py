from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='AddonCompanyRow',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=78)),
                ('company_id', fields.CharField(db_index=True, max_length=36)),
                ('name', fields.CharField(max_length=41)),
                ('is_active', fields.BooleanField()),
            ],
            options={'table': 'kernel_addon_company', 'app': 'kernel', 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
