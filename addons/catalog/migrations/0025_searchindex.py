from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0024_searchgram')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SearchIndex',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('company_id', fields.CharField(max_length=36)),
                ('folding', fields.IntField()),
                ('filled_code', fields.IntField(default=0)),
                ('is_filled', fields.BooleanField(default=False)),
            ],
            options={'table': 'cat_search_index', 'app': 'catalog', 'unique_together': (('company_id',),), 'pk_attr': 'id'},
            bases=['Model'],
        ),
    ]
