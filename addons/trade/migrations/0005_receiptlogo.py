from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('trade', '0004_shiftsummary')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ReceiptLogo',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('png', fields.TextField(unique=False)),
                ('width_dots', fields.IntField()),
            ],
            options={'table': 'trd_receipt_logo', 'app': 'trade', 'unique_together': (('company_id',),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
