from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0010_waitingcard')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ShopExchangeRow',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('outlet_id', fields.CharField(max_length=36)),
                ('terminal_id', fields.CharField(max_length=36)),
                ('state', fields.CharField(max_length=16)),
                ('request', fields.TextField(unique=False)),
                ('answer', fields.TextField(unique=False)),
                ('limit_ms', fields.IntField()),
                ('holder', fields.CharField(null=True, max_length=80)),
                ('take_until_ms', fields.BigIntField()),
                ('ended_ms', fields.BigIntField(null=True)),
                ('created_ms', fields.BigIntField()),
            ],
            options={'table': 'pos_shop_exchange', 'app': 'pos_terminal', 'indexes': [Index(fields=['company_id', 'outlet_id', 'state']), Index(fields=['created_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
