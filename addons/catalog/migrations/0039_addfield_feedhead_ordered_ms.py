from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField

class Migration(migrations.Migration):
    dependencies = [('catalog', '0038_addfield_feedhead_tidied_seq')]

    initial = False

    operations = [
        ops.AddField(
            model_name='FeedHead',
            name='ordered_ms',
            field=UtcField(null=True, generated=False, unique=False),
        ),
    ]
