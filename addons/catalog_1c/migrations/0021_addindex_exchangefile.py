from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0020_addfield_exchangefile_is_picture')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='ExchangeFile',
            index=Index(fields=['connection_id', 'name']),
        ),
    ]
