from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0001_application')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Contract',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('title', fields.CharField(max_length=120)),
                ('number', fields.CharField(max_length=64)),
                ('driver', fields.CharField(max_length=32)),
                ('merchant_code', fields.CharField(max_length=32)),
                ('address', fields.CharField(max_length=190)),
                ('options', fields.TextField(unique=False)),
                ('agreement', fields.CharField(max_length=64)),
                ('is_active', fields.BooleanField()),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'pos_contract', 'app': 'pos_terminal', 'indexes': [Index(fields=['company_id', 'id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
