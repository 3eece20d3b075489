from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('organization', '0019_addfield_apitoken_inspect_to_ms')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CompanyChange',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('at_ms', UtcField(generated=False, null=False, unique=False)),
                ('actor_id', fields.CharField(max_length=64)),
                ('field', fields.CharField(max_length=32)),
                ('before', fields.CharField(max_length=255)),
                ('after', fields.CharField(max_length=255)),
            ],
            options={'table': 'org_company_change', 'app': 'organization', 'indexes': [Index(fields=['company_id', 'at_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
