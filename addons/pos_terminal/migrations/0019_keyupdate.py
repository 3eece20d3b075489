from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.pos_terminal.domain.keys import UpdateState
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0018_keycomponent')]

    initial = False

    operations = [
        ops.CreateModel(
            name='KeyUpdate',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('state', fields.CharEnumField(description='QUEUED: queued\nDONE: done\nFAILED: failed', enum_type=UpdateState, max_length=8)),
                ('code', fields.CharField(max_length=64)),
                ('asked_ms', fields.BigIntField()),
                ('asked_by', fields.CharField(max_length=64)),
                ('ended_ms', fields.BigIntField(null=True)),
            ],
            options={'table': 'pos_key_update', 'app': 'pos_terminal', 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
