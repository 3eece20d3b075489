from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0008_cardpayment')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PaymentEvent',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('payment_id', fields.CharField(max_length=36)),
                ('number', fields.IntField()),
                ('at_ms', fields.BigIntField()),
                ('kind', fields.CharField(max_length=32)),
                ('source', fields.CharField(max_length=16)),
                ('actor', fields.CharField(max_length=64)),
                ('state_before', fields.CharField(max_length=16)),
                ('state_after', fields.CharField(max_length=16)),
                ('detail', fields.TextField(unique=False)),
            ],
            options={'table': 'pos_payment_event', 'app': 'pos_terminal', 'unique_together': (('payment_id', 'number'),), 'indexes': [Index(fields=['company_id', 'at_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
