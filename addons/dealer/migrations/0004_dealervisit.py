from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('dealer', '0003_dealermove')]

    initial = False

    operations = [
        ops.CreateModel(
            name='DealerVisit',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('dealer_id', fields.CharField(max_length=36)),
                ('client_id', fields.CharField(max_length=36)),
                ('user_id', fields.CharField(max_length=36)),
                ('user_name', fields.CharField(max_length=128)),
                ('session_id', fields.CharField(max_length=36)),
                ('entered_ms', UtcField(generated=False, null=False, unique=False)),
                ('address', fields.CharField(null=True, max_length=45)),
            ],
            options={'table': 'dealer_visit', 'app': 'dealer', 'indexes': [Index(fields=['client_id', 'entered_ms']), Index(fields=['dealer_id', 'entered_ms'])], 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
