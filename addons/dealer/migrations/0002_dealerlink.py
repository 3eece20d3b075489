from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('dealer', '0001_dealerblock')]

    initial = False

    operations = [
        ops.CreateModel(
            name='DealerLink',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('dealer_id', fields.CharField(max_length=36)),
                ('client_id', fields.CharField(max_length=36)),
                ('state', fields.CharField(max_length=16)),
                ('permissions', fields.TextField(unique=False)),
                ('asked_ms', UtcField(generated=False, null=False, unique=False)),
                ('answered', UtcField(source_field='answered_ms', null=True, generated=False, unique=False)),
                ('ended', UtcField(source_field='ended_ms', null=True, generated=False, unique=False)),
            ],
            options={'table': 'dealer_link', 'app': 'dealer', 'indexes': [Index(fields=['dealer_id', 'state', 'client_id']), Index(fields=['client_id', 'state'])], 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
