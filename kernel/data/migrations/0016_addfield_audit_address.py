from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0015_journalgaprow')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Audit',
            name='address',
            field=fields.CharField(null=True, max_length=45),
        ),
    ]
