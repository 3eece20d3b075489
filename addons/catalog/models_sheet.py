"""Tables of sheets: profiles a company made for itself, and imports of files."""

from __future__ import annotations

from tortoise import fields

from addons.catalog.domain.sheet_profile import PROFILE_NAME_LENGTH_MAX
from addons.catalog.domain.sheet_report import SheetState
from kernel.data.fields import UtcField
from kernel.data.model import CompanyRow

FILE_NAME_LENGTH_MAX = 100


class SheetProfileRow(CompanyRow):
    """A profile of a company. body: JSON of domain/sheet_profile."""

    name = fields.CharField(PROFILE_NAME_LENGTH_MAX)
    body = fields.TextField()
    updated_at = UtcField(source_field="updated_ms")

    class Meta:
        table = "cat_sheet_profile"
        unique_together = (("company_id", "name"),)


class SheetImport(CompanyRow):
    """One file with what came of it; the file lies in the folder of sheets under the id.

    profile, facts, options, report: JSON of domain/sheet_profile and domain/sheet_report, empty before they
    are known. token: told by the dry run, asked for by the start. line: rows up to this number of the file
    are done; runs: how often somebody began to work since it moved on. actor_kind, actor_id: who
    asked for what runs.
    """

    state = fields.CharEnumField(SheetState, max_length=12)
    file_name = fields.CharField(FILE_NAME_LENGTH_MAX)
    size_bytes = fields.BigIntField()
    profile = fields.TextField()
    facts = fields.TextField()
    options = fields.TextField()
    report = fields.TextField()
    token = fields.CharField(64, default="")
    line = fields.IntField(default=0)
    runs = fields.IntField(default=0)
    refusal_code = fields.CharField(60, default="")
    refusal_facts = fields.TextField()
    actor_kind = fields.CharField(16)
    actor_id = fields.CharField(64)
    created_at = UtcField(source_field="created_ms")
    seen_at = UtcField(source_field="seen_ms")
    finished_at = UtcField(null=True, source_field="finished_ms")

    class Meta:
        table = "cat_sheet_import"
        indexes = (("company_id", "id"),)
