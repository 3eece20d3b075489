from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.pos_terminal.domain.keys import KeyKind, KeyState
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0019_keyupdate')]

    initial = False

    operations = [
        ops.CreateModel(
            name='TerminalKey',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('terminal_id', fields.CharField(max_length=36)),
                ('kind', fields.CharEnumField(description='MASTER: TMK\nPIN: TPK\nMAC: TAK', enum_type=KeyKind, max_length=4)),
                ('state', fields.CharEnumField(description='CURRENT: current\nPREVIOUS: previous', enum_type=KeyState, max_length=8)),
                ('algorithm', fields.CharField(max_length=1)),
                ('size', fields.IntField()),
                ('check_value', fields.CharField(max_length=6)),
                ('store', fields.CharField(max_length=16)),
                ('kept', fields.TextField(unique=False)),
                ('loaded_ms', fields.BigIntField()),
                ('loaded_by', fields.CharField(max_length=64)),
                ('retired_ms', fields.BigIntField(null=True)),
            ],
            options={'table': 'pos_key', 'app': 'pos_terminal', 'unique_together': (('terminal_id', 'kind', 'state'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
