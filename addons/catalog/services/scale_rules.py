"""How a company's scale labels are read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from addons.catalog.domain.commands_view import SetScaleRules
from addons.catalog.domain.scale_code import RULES_MAX, ScaleLabelRule, ScaleValue, check_rule
from addons.catalog.models import ScaleRule
from addons.catalog.services.codes import lock_catalogue
from addons.catalog.services.tables import SCALE_RULE
from kernel.data.work import Param, Reader, SqlRow, Work
from kernel.errors import Refusal
from kernel.ids import new_id

_RULES = f"""SELECT prefix, value_kind, code_digits, value_digits, decimals FROM {SCALE_RULE}
WHERE company_id = ? ORDER BY prefix"""


async def set_scale_rules(work: Work, command: SetScaleRules) -> None:
    """Put these rules in place of the former ones. Refusals of check_rule, SCALE_RULES_TOO_MANY,
    SCALE_PREFIX_REPEATED.
    """
    rules = command.rules
    if len(rules) > RULES_MAX:
        raise Refusal("SCALE_RULES_TOO_MANY", field="rules", max=RULES_MAX)
    seen: set[str] = set()
    for place, rule in enumerate(rules):
        check_rule(rule, field=f"rules.{place}")
        if rule.prefix in seen:
            raise Refusal("SCALE_PREFIX_REPEATED", field=f"rules.{place}.prefix", value=rule.prefix)
        seen.add(rule.prefix)
    await lock_catalogue(work, work.company_id)
    await ScaleRule.all().delete()
    await ScaleRule.bulk_create(
        ScaleRule(
            id=new_id(),
            company_id=work.company_id,
            prefix=rule.prefix,
            value_kind=rule.kind,
            code_digits=rule.code_digits,
            value_digits=rule.value_digits,
            decimals=rule.decimals,
        )
        for rule in rules
    )
    await work.audit("catalog.scale_rules_set", work.company_id, {"prefixes": sorted(seen)})


def ask_scale_rules(reader: Reader) -> tuple[str, Sequence[Param]]:
    """The statement of the company's rules, asked together with others; rules_found reads the answer."""
    return _RULES, (reader.company_id,)


def rules_found(rows: Iterable[SqlRow]) -> list[ScaleLabelRule]:
    """Rules out of the answer to ask_scale_rules, by prefix."""
    return [
        ScaleLabelRule(
            row["prefix"],
            ScaleValue(row["value_kind"]),
            row["code_digits"],
            row["value_digits"],
            row["decimals"],
        )
        for row in rows
    ]
