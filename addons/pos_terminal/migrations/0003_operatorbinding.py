from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0002_contract')]

    initial = False

    operations = [
        ops.CreateModel(
            name='OperatorBinding',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('terminal_id', fields.CharField(max_length=36)),
                ('operator_id', fields.CharField(max_length=36)),
                ('from_ms', fields.BigIntField()),
                ('until_ms', fields.BigIntField(null=True)),
                ('bound_by', fields.CharField(max_length=64)),
                ('unbound_by', fields.CharField(max_length=64)),
            ],
            options={'table': 'pos_operator_binding', 'app': 'pos_terminal', 'indexes': [Index(fields=['terminal_id', 'from_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
