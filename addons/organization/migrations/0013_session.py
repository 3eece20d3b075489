from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from kernel.data.fields import UtcField
from kernel.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("organization", "0012_registergroupmember")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True, default=new_id, unique=True, db_index=True, max_length=36
                    ),
                ),
                ("company_id", fields.CharField(max_length=36)),
                ("subject_kind", fields.CharField(max_length=16)),
                ("subject_id", fields.CharField(max_length=36)),
                ("register_id", fields.CharField(null=True, max_length=36)),
                ("opened_by", fields.CharField(null=True, max_length=36)),
                ("created", UtcField(source_field="created_ms", generated=False, null=False, unique=False)),
                ("until_ms", UtcField(generated=False, null=False, unique=False)),
                ("revoked", UtcField(source_field="revoked_ms", null=True, generated=False, unique=False)),
            ],
            options={
                "table": "org_session",
                "app": "organization",
                "indexes": [Index(fields=["company_id", "subject_id"]), Index(fields=["until_ms"])],
                "pk_attr": "id",
            },
            bases=["CompanyRow"],
        ),
    ]
