from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("fiscal_kz", "0013_alterfield_fiscaldocument_kind")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Kkm",
            name="former_ofd_id",
            field=fields.BigIntField(null=True),
        ),
    ]
