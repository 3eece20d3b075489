from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0002_addonrow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AppliedMigration',
            fields=[
                ('file_key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=190)),
                ('digest', fields.CharField(max_length=64)),
                ('at', UtcField(source_field='at_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'kernel_migration', 'app': 'kernel', 'pk_attr': 'file_key'},
            bases=['Model'],
        ),
    ]
