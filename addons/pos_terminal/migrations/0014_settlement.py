from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0013_charge')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Settlement',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('contract_id', fields.CharField(max_length=36)),
                ('day', fields.CharField(max_length=10)),
                ('operations', fields.IntField()),
                ('settled_ms', fields.BigIntField()),
            ],
            options={'table': 'pos_settlement', 'app': 'pos_terminal', 'unique_together': (('contract_id', 'day'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
