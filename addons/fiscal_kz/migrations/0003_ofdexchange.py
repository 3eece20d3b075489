from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0002_kkm')]

    initial = False

    operations = [
        ops.CreateModel(
            name='OfdExchange',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('kkm_id', fields.CharField(max_length=36)),
                ('open_kkm_id', fields.CharField(null=True, unique=True, max_length=36)),
                ('document_id', fields.CharField(max_length=36)),
                ('command', fields.IntField()),
                ('token', fields.BigIntField()),
                ('reqnum', fields.IntField()),
                ('numbers', fields.TextField(null=True, unique=False)),
                ('started_ms', fields.BigIntField()),
                ('ended_ms', fields.BigIntField(null=True)),
                ('attempts', fields.IntField(default=0)),
                ('may_have_arrived', fields.BooleanField(default=False)),
                ('request', fields.TextField(unique=False)),
                ('answer', fields.TextField(null=True, unique=False)),
                ('code', fields.IntField(null=True)),
            ],
            options={'table': 'fkz_exchange', 'app': 'fiscal_kz', 'indexes': [Index(fields=['document_id'], name='fkz_exchange_document')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
