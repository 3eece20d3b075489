from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('dealer', '0002_dealerlink')]

    initial = False

    operations = [
        ops.CreateModel(
            name='DealerMove',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('link_id', fields.CharField(max_length=36)),
                ('from_id', fields.CharField(max_length=36)),
                ('to_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('register_title', fields.CharField(max_length=200)),
                ('to_outlet_id', fields.CharField(null=True, max_length=36)),
                ('proposed_by', fields.CharField(max_length=36)),
                ('state', fields.CharField(max_length=16)),
                ('proposed_ms', UtcField(generated=False, null=False, unique=False)),
                ('answered', UtcField(source_field='answered_ms', null=True, generated=False, unique=False)),
                ('new_register_id', fields.CharField(null=True, max_length=36)),
            ],
            options={'table': 'dealer_move', 'app': 'dealer', 'indexes': [Index(fields=['from_id', 'state']), Index(fields=['to_id', 'state']), Index(fields=['register_id'])], 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
