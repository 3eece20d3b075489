from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0017_keyceremony')]

    initial = False

    operations = [
        ops.CreateModel(
            name='KeyComponent',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('ceremony_id', fields.CharField(max_length=36)),
                ('number', fields.IntField()),
                ('entered_by', fields.CharField(max_length=64)),
                ('entered_ms', fields.BigIntField()),
                ('check_value', fields.CharField(max_length=6)),
                ('sealed', fields.TextField(unique=False)),
            ],
            options={'table': 'pos_key_component', 'app': 'pos_terminal', 'unique_together': (('ceremony_id', 'number'), ('ceremony_id', 'entered_by')), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
