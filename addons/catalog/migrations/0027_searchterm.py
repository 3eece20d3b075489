from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0026_searchposting')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SearchTerm',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('index_id', fields.BigIntField()),
                ('word', fields.CharField(max_length=32)),
            ],
            options={'table': 'cat_search_term', 'app': 'catalog', 'unique_together': (('index_id', 'word'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
