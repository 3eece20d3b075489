from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='DealerBlock',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('dealer_id', fields.CharField(max_length=36)),
                ('client_id', fields.CharField(max_length=36)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'dealer_block', 'app': 'dealer', 'unique_together': (('dealer_id', 'client_id'),), 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
