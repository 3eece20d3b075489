from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0019_awaitedpicture')]

    initial = False

    operations = [
        ops.AddField(
            model_name='ExchangeFile',
            name='is_picture',
            field=fields.BooleanField(default=False),
        ),
    ]
