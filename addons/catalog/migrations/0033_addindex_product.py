from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0032_feedhead')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='Product',
            index=Index(fields=['own_register_id']),
        ),
    ]
