from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('kernel', '0016_addfield_audit_address')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Audit',
            name='via_company_id',
            field=fields.CharField(null=True, max_length=36),
        ),
    ]
