from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.pos_terminal.domain.keys import CeremonyState
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0016_statementrow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='KeyCeremony',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('terminal_id', fields.CharField(max_length=36)),
                ('open_terminal_id', fields.CharField(null=True, unique=True, max_length=36)),
                ('state', fields.CharEnumField(description='OPEN: open\nREADY: ready\nDONE: done\nCANCELLED: cancelled\nEXPIRED: expired', enum_type=CeremonyState, max_length=10)),
                ('algorithm', fields.CharField(max_length=1)),
                ('size', fields.IntField()),
                ('components', fields.IntField()),
                ('check_value', fields.CharField(max_length=6)),
                ('started_ms', fields.BigIntField()),
                ('started_by', fields.CharField(max_length=64)),
                ('expires_ms', fields.BigIntField()),
                ('ended_ms', fields.BigIntField(null=True)),
                ('ended_by', fields.CharField(max_length=64)),
            ],
            options={'table': 'pos_key_ceremony', 'app': 'pos_terminal', 'indexes': [Index(fields=['terminal_id', 'id']), Index(fields=['state', 'expires_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
