from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0014_settlement')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Statement',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('contract_id', fields.CharField(max_length=36)),
                ('layout', fields.CharField(max_length=16)),
                ('file_name', fields.CharField(max_length=190)),
                ('first_day', fields.CharField(max_length=10)),
                ('last_day', fields.CharField(max_length=10)),
                ('first_ms', fields.BigIntField()),
                ('last_ms', fields.BigIntField()),
                ('row_count', fields.IntField()),
                ('fresh_count', fields.IntField()),
                ('gross_tiyn', fields.BigIntField()),
                ('commission_tiyn', fields.BigIntField()),
                ('net_tiyn', fields.BigIntField()),
                ('imported_by', fields.CharField(max_length=64)),
                ('imported_ms', fields.BigIntField()),
            ],
            options={'table': 'pos_statement', 'app': 'pos_terminal', 'indexes': [Index(fields=['company_id', 'id']), Index(fields=['contract_id', 'first_day'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
