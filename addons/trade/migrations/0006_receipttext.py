from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.trade.domain.branding import AdvertKind, AdvertSource
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('trade', '0005_receiptlogo')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ReceiptText',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('kind', fields.CharEnumField(description='OFD: OFD\nORGANIZATION: ORGANIZATION\nOUTLET: OUTLET\nKKM: KKM', enum_type=AdvertKind, max_length=16)),
                ('source', fields.CharEnumField(description='OFD: OFD\nCOMPANY: COMPANY', enum_type=AdvertSource, max_length=16)),
                ('place_id', fields.CharField(max_length=36)),
                ('body', fields.CharField(max_length=500)),
            ],
            options={'table': 'trd_receipt_text', 'app': 'trade', 'unique_together': (('company_id', 'source', 'place_id', 'kind'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
