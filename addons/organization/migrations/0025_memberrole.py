from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.data.fields import UtcField
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0024_lettertoken')]

    initial = False

    operations = [
        ops.CreateModel(
            name='MemberRole',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('user_id', fields.CharField(max_length=36)),
                ('role', fields.CharField(max_length=24)),
                ('created', UtcField(source_field='created_ms', generated=False, null=False, unique=False)),
            ],
            options={'table': 'org_member_role', 'app': 'organization', 'unique_together': (('company_id', 'user_id', 'role'),), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
