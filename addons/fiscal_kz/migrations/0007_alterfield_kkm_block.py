"""A block may have more reasons. Only what is known of the column changes: the table stays as it is, because
SQLite would make it anew without its keys. Reasons that come later need no migration.
"""

from __future__ import annotations

from tortoise import fields, migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

from addons.fiscal_kz.domain.kinds import Block


class Known(ops.AlterField):
    """Changes what the next migration is compared with, and no table."""

    async def database_forward(
        self, app_label: str, old_state: State, new_state: State, state_editor: BaseSchemaEditor | None = None
    ) -> None:
        """Nothing."""


class Migration(migrations.Migration):
    dependencies = [("fiscal_kz", "0006_kkmpassport")]

    initial = False

    operations = [
        Known(
            model_name="Kkm",
            name="block",
            field=fields.CharEnumField(
                default=Block.NONE,
                description="\n".join(f"{each}: {each}" for each in Block),
                enum_type=Block,
                max_length=24,
            ),
        ),
    ]
