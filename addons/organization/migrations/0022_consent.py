from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0021_companydetails')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Consent',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('user_id', fields.CharField(max_length=36)),
                ('version', fields.CharField(max_length=64)),
                ('at', UtcField(source_field='at_ms', generated=False, null=False, unique=False)),
                ('address', fields.CharField(max_length=45)),
            ],
            options={'table': 'org_consent', 'app': 'organization', 'unique_together': (('user_id', 'version'),), 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
