from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.catalog.domain.vat import VatKind
from kernel.data.fields import MoneyField, UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog', '0002_codecounter')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Product',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('code', fields.IntField()),
                ('name', fields.CharField(max_length=255)),
                ('name_kk', fields.CharField(default='', max_length=255)),
                ('search_key', fields.CharField(max_length=120)),
                ('article', fields.CharField(default='', max_length=64)),
                ('barcode', fields.CharField(default='', max_length=64)),
                ('group_id', fields.CharField(null=True, max_length=36)),
                ('section', fields.IntField(default=0)),
                ('price', MoneyField(source_field='price_tiyn', null=True, generated=False, unique=False)),
                ('vat_kind', fields.CharEnumField(default=VatKind.NONE, description='STANDARD: standard\nMEDICINE: medicine\nPERIODICAL: periodical\nZERO: zero\nNONE: none\nFIXED: fixed', enum_type=VatKind, max_length=12)),
                ('vat_bp', fields.IntField(null=True)),
                ('unit_code', fields.CharField(max_length=8)),
                ('unit_name', fields.CharField(max_length=32)),
                ('ntin', fields.CharField(default='', max_length=32)),
                ('gtin', fields.CharField(default='', max_length=14)),
                ('is_marked', fields.BooleanField(default=False)),
                ('is_price_editable', fields.BooleanField(default=False)),
                ('discount_bp', fields.IntField(default=0)),
                ('markup_bp', fields.IntField(default=0)),
                ('is_archived', fields.BooleanField(default=False)),
                ('is_archived_by_source', fields.BooleanField(default=False)),
                ('source', fields.CharField(null=True, max_length=36)),
                ('external_id', fields.CharField(null=True, max_length=160)),
                ('base_id', fields.CharField(null=True, max_length=36)),
                ('card_digest', fields.CharField(default='', max_length=32)),
                ('offer_digest', fields.CharField(default='', max_length=32)),
                ('created_at', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
                ('updated_at', UtcField(source_field='updated_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'cat_product', 'app': 'catalog', 'unique_together': (('company_id', 'code'), ('company_id', 'source', 'external_id')), 'indexes': [Index(fields=['company_id', 'search_key']), Index(fields=['company_id', 'group_id']), Index(fields=['base_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
