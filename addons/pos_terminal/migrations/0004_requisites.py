from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0003_operatorbinding')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Requisites',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('terminal_id', fields.CharField(max_length=36)),
                ('version', fields.IntField()),
                ('from_day', fields.CharField(max_length=10)),
                ('iban', fields.CharField(max_length=20)),
                ('bic', fields.CharField(max_length=11)),
                ('application_id', fields.CharField(max_length=36)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'pos_requisites', 'app': 'pos_terminal', 'unique_together': (('terminal_id', 'version'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
