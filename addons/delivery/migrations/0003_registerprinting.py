from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('delivery', '0002_printer')]

    initial = False

    operations = [
        ops.CreateModel(
            name='RegisterPrinting',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('printer_id', fields.CharField(null=True, max_length=36)),
                ('prints_receipts', fields.BooleanField()),
                ('copies', fields.IntField()),
            ],
            options={'table': 'dlv_register', 'app': 'delivery', 'indexes': [Index(fields=['company_id', 'printer_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
