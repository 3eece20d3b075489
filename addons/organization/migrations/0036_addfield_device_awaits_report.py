from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0035_browser')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Device',
            name='awaits_report',
            field=fields.BooleanField(default=False),
        ),
    ]
