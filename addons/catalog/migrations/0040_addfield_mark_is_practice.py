from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0039_addfield_feedhead_ordered_ms')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Mark',
            name='is_practice',
            field=fields.BooleanField(default=False),
        ),
    ]
