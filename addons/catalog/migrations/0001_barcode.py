from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='Barcode',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('product_id', fields.CharField(max_length=36)),
                ('key_text', fields.CharField(max_length=64)),
                ('barcode', fields.CharField(max_length=64)),
                ('place', fields.IntField(default=0)),
            ],
            options={'table': 'cat_barcode', 'app': 'catalog', 'indexes': [Index(fields=['company_id', 'key_text']), Index(fields=['product_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
