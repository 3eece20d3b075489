from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('catalog', '0014_registergroupchoice')]

    initial = False

    operations = [
        ops.CreateModel(
            name='RegisterView',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(unique=True, max_length=36)),
                ('is_all_goods', fields.BooleanField(default=True)),
                ('percent_bp', fields.IntField(default=10000)),
                ('rounding_step_tiyn', fields.IntField(default=100)),
                ('price_type_id', fields.CharField(null=True, max_length=36)),
                ('updated_at', UtcField(source_field='updated_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_register_view', 'app': 'catalog', 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
