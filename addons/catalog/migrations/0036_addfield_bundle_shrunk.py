from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField

class Migration(migrations.Migration):
    dependencies = [('catalog', '0035_sheetprofilerow')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Bundle',
            name='shrunk',
            field=UtcField(source_field='shrunk_ms', null=True, generated=False, unique=False),
        ),
    ]
