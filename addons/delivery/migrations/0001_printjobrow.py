from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='PrintJobRow',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('outlet_id', fields.CharField(max_length=36)),
                ('printer_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(null=True, max_length=36)),
                ('number', fields.BigIntField()),
                ('kind', fields.CharField(max_length=64)),
                ('subject_id', fields.CharField(max_length=36)),
                ('once_key', fields.CharField(null=True, unique=True, max_length=128)),
                ('copies', fields.IntField()),
                ('is_duplicate', fields.BooleanField()),
                ('is_possibly_printed', fields.BooleanField()),
                ('state', fields.CharField(max_length=16)),
                ('attempts', fields.IntField()),
                ('problem', fields.CharField(null=True, max_length=64)),
                ('holder', fields.CharField(null=True, max_length=80)),
                ('lease_until', UtcField(source_field='lease_until_ms', null=True, generated=False, unique=False)),
                ('due', UtcField(source_field='due_ms', generated=False, null=False, unique=False)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('ended_ms', UtcField(null=True, generated=False, unique=False)),
            ],
            options={'table': 'dlv_job', 'app': 'delivery', 'unique_together': (('printer_id', 'number'),), 'indexes': [Index(fields=['printer_id', 'state', 'number']), Index(fields=['company_id', 'kind', 'subject_id']), Index(fields=['company_id', 'outlet_id', 'id']), Index(fields=['state', 'id']), Index(fields=['ended_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
