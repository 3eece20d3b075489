from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0004_requisites')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Tariff',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('terms_id', fields.CharField(max_length=36)),
                ('scheme', fields.CharField(max_length=32)),
                ('method', fields.CharField(max_length=16)),
                ('rate_ppm', fields.IntField()),
            ],
            options={'table': 'pos_tariff', 'app': 'pos_terminal', 'unique_together': (('terms_id', 'scheme', 'method'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
