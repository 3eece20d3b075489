from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('catalog_1c', '0018_addfield_exchange_left_out')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AwaitedPicture',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('connection_id', fields.CharField(max_length=36)),
                ('external_id', fields.CharField(max_length=160)),
                ('name', fields.CharField(max_length=255)),
                ('session_id', fields.CharField(max_length=36)),
            ],
            options={'table': 'c1c_awaited_picture', 'app': 'catalog_1c', 'indexes': [Index(fields=['connection_id', 'id']), Index(fields=['connection_id', 'external_id']), Index(fields=['connection_id', 'name']), Index(fields=['session_id'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
