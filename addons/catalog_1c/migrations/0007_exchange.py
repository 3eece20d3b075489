from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.catalog_1c.models import ExchangeKind
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0006_access')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Exchange',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('connection_id', fields.CharField(max_length=36)),
                ('kind', fields.CharEnumField(description='CATALOG: catalog\nSALE: sale', enum_type=ExchangeKind, max_length=10)),
                ('cookie_digest', fields.CharField(max_length=64)),
                ('generation', fields.IntField(default=0)),
                ('is_open', fields.BooleanField(default=True)),
                ('address', fields.CharField(default='', max_length=45)),
                ('client', fields.CharField(default='', max_length=200)),
                ('offer_id', fields.CharField(null=True, max_length=36)),
                ('documents', fields.IntField(default=0)),
                ('pictures', fields.IntField(default=0)),
                ('started_at', UtcField(source_field='started_ms', generated=False, null=False, unique=False)),
                ('seen_ms', fields.BigIntField()),
            ],
            options={'table': 'c1c_exchange', 'app': 'catalog_1c', 'unique_together': (('cookie_digest',),), 'indexes': [Index(fields=['connection_id', 'kind', 'is_open']), Index(fields=['company_id', 'id']), Index(fields=['seen_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
