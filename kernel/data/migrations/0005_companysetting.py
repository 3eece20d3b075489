from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0004_audit')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CompanySetting',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('name', fields.CharField(max_length=128)),
                ('value', fields.TextField(unique=False)),
            ],
            options={'table': 'kernel_company_setting', 'app': 'kernel', 'unique_together': (('company_id', 'name'),), 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
