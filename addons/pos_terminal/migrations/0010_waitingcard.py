from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0009_paymentevent')]

    initial = False

    operations = [
        ops.CreateModel(
            name='WaitingCard',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('sealed', fields.TextField(unique=False)),
                ('created_ms', fields.BigIntField()),
            ],
            options={'table': 'pos_card_data', 'app': 'pos_terminal', 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
