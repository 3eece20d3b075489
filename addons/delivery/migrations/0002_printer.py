from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('delivery', '0001_printjobrow')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Printer',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('outlet_id', fields.CharField(max_length=36)),
                ('name', fields.CharField(max_length=100)),
                ('connection', fields.CharField(max_length=200)),
                ('columns', fields.IntField()),
                ('encoding', fields.CharField(max_length=16)),
                ('profile', fields.CharField(max_length=50)),
                ('has_knife', fields.BooleanField()),
                ('opens_drawer', fields.BooleanField()),
                ('is_local', fields.BooleanField()),
                ('last_number', fields.BigIntField(default=0)),
                ('problem', fields.CharField(null=True, max_length=64)),
                ('problem_since', UtcField(source_field='problem_since_ms', null=True, generated=False, unique=False)),
                ('problem_text', fields.CharField(default='', max_length=250)),
                ('problem_registers', fields.TextField(unique=False)),
                ('paper', fields.CharField(max_length=16)),
                ('seen', UtcField(source_field='seen_ms', null=True, generated=False, unique=False)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('removed', UtcField(source_field='removed_ms', null=True, generated=False, unique=False)),
            ],
            options={'table': 'dlv_printer', 'app': 'delivery', 'indexes': [Index(fields=['company_id', 'outlet_id']), Index(fields=['is_local'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
