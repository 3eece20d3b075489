from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('kernel', '0003_appliedmigration')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Audit',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(null=True, max_length=36)),
                ('at_ms', fields.BigIntField()),
                ('actor_kind', fields.CharField(max_length=16)),
                ('actor_id', fields.CharField(max_length=64)),
                ('action', fields.CharField(max_length=64)),
                ('subject', fields.CharField(max_length=128)),
                ('facts', fields.TextField(unique=False)),
            ],
            options={'table': 'kernel_audit', 'app': 'kernel', 'indexes': [Index(fields=['company_id', 'at_ms'])], 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
