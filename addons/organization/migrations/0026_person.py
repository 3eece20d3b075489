from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0025_memberrole')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Person',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('user_id', fields.CharField(max_length=36)),
                ('user_name', fields.CharField(null=True, max_length=64)),
                ('iin', fields.CharField(default='', max_length=12)),
                ('birth_date', fields.CharField(default='', max_length=10)),
                ('phone', fields.CharField(default='', max_length=16)),
                ('comment', fields.CharField(default='', max_length=500)),
            ],
            options={'table': 'org_person', 'app': 'organization', 'unique_together': (('company_id', 'user_id'), ('company_id', 'user_name')), 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
