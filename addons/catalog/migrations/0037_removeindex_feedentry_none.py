from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [('catalog', '0036_addfield_bundle_shrunk')]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name='FeedEntry',
            name=None,
            fields=['is_out', 'at_ms'],
        ),
    ]
