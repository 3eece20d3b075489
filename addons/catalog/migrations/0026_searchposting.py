from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0025_searchindex')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SearchPosting',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('term_id', fields.BigIntField()),
                ('code', fields.IntField()),
            ],
            options={'table': 'cat_search_posting', 'app': 'catalog', 'unique_together': (('term_id', 'code'),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
