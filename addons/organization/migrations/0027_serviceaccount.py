from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0026_person')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ServiceAccount',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('title', fields.CharField(max_length=200)),
                ('permissions', fields.TextField(unique=False)),
                ('register_ids', fields.TextField(unique=False)),
                ('is_blocked', fields.BooleanField(default=False)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'org_service_account', 'app': 'organization', 'unique_together': (('company_id', 'title'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
