from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('trade', '0016_addfield_saleline_returned_marks')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LateTicket',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('ticket_at', UtcField(generated=False, null=False, unique=False)),
            ],
            options={'table': 'trd_late_ticket', 'app': 'trade', 'indexes': [Index(fields=['register_id', 'ticket_at'], name='trd_late_ticket_register')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
