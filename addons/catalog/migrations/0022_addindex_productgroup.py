from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0021_addfield_product_purchase_price')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='ProductGroup',
            index=Index(fields=['company_id', 'parent_id']),
        ),
    ]
