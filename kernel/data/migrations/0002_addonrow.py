from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0001_addoncompanyrow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AddonRow',
            fields=[
                ('name', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=41)),
                ('version', fields.CharField(max_length=32)),
                ('state', fields.CharField(max_length=16)),
                ('installed_ms', fields.BigIntField()),
                ('changed_ms', fields.BigIntField()),
                ('retained_until_ms', fields.BigIntField(null=True)),
            ],
            options={'table': 'kernel_addon', 'app': 'kernel', 'pk_attr': 'name'},
            bases=['Model'],
        ),
    ]
