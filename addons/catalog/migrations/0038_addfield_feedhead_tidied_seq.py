from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0037_removeindex_feedentry_none')]

    initial = False

    operations = [
        ops.AddField(
            model_name='FeedHead',
            name='tidied_seq',
            field=fields.BigIntField(default=0),
        ),
    ]
