from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0023_searchgood')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SearchGram',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('index_id', fields.BigIntField()),
                ('gram', fields.CharField(max_length=3)),
                ('term_id', fields.BigIntField()),
            ],
            options={'table': 'cat_search_gram', 'app': 'catalog', 'unique_together': (('index_id', 'gram', 'term_id'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
