from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0033_addfield_session_used')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Session',
            name='via_company_id',
            field=fields.CharField(null=True, max_length=36),
        ),
    ]
