"""The self-test of a register. Annotations are real: Strawberry reads them."""

from typing import Self

import strawberry

from addons.fiscal_kz.gql.arguments import RegisterArgument, register_key
from addons.fiscal_kz.services.self_test import Finding, SelfCheck, self_test
from addons.organization.api import Severity
from kernel.gql.context import Info
from kernel.gql.permissions import Requires
from kernel.gql.scalars import DateTime

strawberry.enum(SelfCheck, name="SelfCheck", description="What a self-test looks at.")


@strawberry.type(name="SelfTestLine", description="A tick or a cross.")
class SelfTestLineType:
    check: SelfCheck = strawberry.field(description="What was looked at.")
    title: str = strawberry.field(description="The same for people.")
    is_good: bool = strawberry.field(description="A tick or a cross.")
    severity: Severity = strawberry.field(description="How bad it is; with a warning the register sells.")
    code: str = strawberry.field(description="OK, or a stable code for programs.")
    message: str = strawberry.field(description="What was found.")
    next_action: str | None = strawberry.field(description="What to do next.")
    took_ms: int = strawberry.field(description="Milliseconds it took to find out.")

    @classmethod
    def of(cls, finding: Finding, language: str) -> Self:
        """The finding in the caller's language."""
        told = finding.explain(language)
        return cls(
            check=finding.check,
            title=finding.title(language),
            is_good=finding.is_good,
            severity=finding.severity,
            code=finding.code,
            message=told.message,
            next_action=told.next_action,
            took_ms=finding.took_ms,
        )


@strawberry.type(name="SelfTest", description="One list of ticks and crosses; ask for it after every login.")
class SelfTestType:
    at: DateTime = strawberry.field(description="When.")
    is_good: bool = strawberry.field(description="Ticks only.")
    can_work: bool = strawberry.field(description="Nothing worse than warnings.")
    lines: list[SelfTestLineType] = strawberry.field(description="In the order of the screen.")


@strawberry.type
class SelfTestQuery:
    """Root field of the self-test."""

    @strawberry.field(
        description="Let a register look at itself: fiscal store, KKM, link, clock, disk and devices.",
        permission_classes=[Requires("fiscal_kz.view")],
    )
    async def self_test(
        self,
        info: Info,
        register_id: RegisterArgument,
    ) -> SelfTestType:
        context = info.context
        key = register_key(register_id)
        found = await self_test(context.database, context.principal, key)
        return SelfTestType(
            at=context.database.clock.now(),
            is_good=all(each.is_good for each in found),
            can_work=all(each.severity is not Severity.ERROR for each in found),
            lines=[SelfTestLineType.of(each, context.language) for each in found],
        )
