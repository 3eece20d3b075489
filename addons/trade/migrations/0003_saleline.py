from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import MoneyField, QuantityField
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('trade', '0002_sale')]

    initial = False

    operations = [
        ops.CreateModel(
            name='SaleLine',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=42)),
                ('company_id', fields.CharField(max_length=36)),
                ('sale_id', fields.CharField(max_length=36)),
                ('position', fields.IntField()),
                ('product_id', fields.CharField(null=True, max_length=36)),
                ('name', fields.CharField(max_length=255)),
                ('section', fields.CharField(max_length=16)),
                ('quantity', QuantityField(generated=False, null=False, unique=False)),
                ('price', MoneyField(generated=False, null=False, unique=False)),
                ('amount', MoneyField(generated=False, null=False, unique=False)),
                ('discount', MoneyField(generated=False, null=False, unique=False)),
                ('markup', MoneyField(generated=False, null=False, unique=False)),
                ('total', MoneyField(generated=False, null=False, unique=False)),
                ('vat_bp', fields.IntField(null=True)),
                ('vat', MoneyField(generated=False, null=False, unique=False)),
                ('unit_code', fields.CharField(max_length=16)),
                ('unit_name', fields.CharField(max_length=32)),
                ('barcode', fields.CharField(max_length=64)),
                ('ntin', fields.CharField(max_length=64)),
                ('marks', fields.TextField(unique=False)),
                ('shared_discount', MoneyField(generated=False, null=False, unique=False)),
                ('shared_markup', MoneyField(generated=False, null=False, unique=False)),
                ('returned', QuantityField(default=0, generated=False, null=False, unique=False)),
                ('original_position', fields.IntField(null=True)),
            ],
            options={'table': 'trd_sale_line', 'app': 'trade', 'indexes': [Index(fields=['sale_id', 'position'], name='trd_sale_line_sale')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
