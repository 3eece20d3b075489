from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('organization', '0029_addfield_apitoken_account_id')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Session',
            name='address',
            field=fields.CharField(null=True, max_length=45),
        ),
    ]
