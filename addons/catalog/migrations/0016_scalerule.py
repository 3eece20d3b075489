from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.catalog.domain.scale_code import ScaleValue
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0015_registerview')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ScaleRule',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('prefix', fields.CharField(max_length=6)),
                ('value_kind', fields.CharEnumField(description='WEIGHT: weight\nPIECES: pieces\nPRICE: price', enum_type=ScaleValue, max_length=8)),
                ('code_digits', fields.IntField()),
                ('value_digits', fields.IntField()),
                ('decimals', fields.IntField()),
            ],
            options={'table': 'cat_scale_rule', 'app': 'catalog', 'unique_together': (('company_id', 'prefix'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
