from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0022_addindex_productgroup')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SearchGood',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('index_id', fields.BigIntField()),
                ('code', fields.IntField()),
                ('words', fields.CharField(max_length=1000)),
            ],
            options={'table': 'cat_search_good', 'app': 'catalog', 'unique_together': (('index_id', 'code'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
