"""The life of a KKM in GraphQL. Annotations are real: Strawberry reads them."""

import base64
from typing import Self

import strawberry

from addons.fiscal_kz.domain.life import NEXT_STEPS
from addons.fiscal_kz.domain.life import Stage as KkmStage
from addons.fiscal_kz.gql.types import KkmType
from addons.fiscal_kz.services.passport_letter import passport_file
from addons.fiscal_kz.services.passports import LifeView
from kernel.clock import from_ms
from kernel.errors import Refusal
from kernel.gql.context import GqlContext, Info
from kernel.gql.ids import to_global
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import DateTime
from kernel.i18n import DEFAULT_LANGUAGE

strawberry.enum(KkmStage, name="KkmStage", description="How far the KKM of a register has come.")


@strawberry.type(name="KkmPassport", description="The passport of a KKM as a file.")
class KkmPassportType:
    name: str = strawberry.field(description="Name of the file.")
    pdf: str = strawberry.field(description="PDF of A4 sheets in base64.")


@strawberry.type(name="KkmLife", description="The KKM of a register from its factory number to its end.")
class KkmLifeType:
    view: strawberry.Private[LifeView]
    register_id: strawberry.ID = strawberry.field(description="The workplace.")
    stage: KkmStage = strawberry.field(description="How far it has come.")
    next_step: str = strawberry.field(description="What to do next, in the caller's language.")
    factory_number: str | None = strawberry.field(description="Factory number, once known.")
    made_year: int | None = strawberry.field(description="Year of make, of a KKM made here.")
    is_sandbox: bool = strawberry.field(description="Whether it is a sandbox: its receipts are «ТЕСТ».")
    passport_at: DateTime | None = strawberry.field(description="When its passport was made last.")
    mailed_to: str | None = strawberry.field(description="Where the passport was sent.")
    decommissioned_at: DateTime | None = strawberry.field(description="When it was taken out of use.")
    kkm: KkmType | None = strawberry.field(description="The KKM, once its OFD has said yes.")

    @strawberry.field(description="Why the OFD's data entered last were not taken; null when they were.")
    def refusal(self, info: Info) -> Refused | None:
        paper = self.view.passport
        code = None if paper is None else paper.refusal_code
        return None if code is None else refused(Refusal(code), info.context.language)

    @strawberry.field(description="The passport; null for a KKM that was not made here.")
    async def passport(self, info: Info) -> KkmPassportType | None:
        paper = self.view.passport
        if paper is None or paper.factory_number is None:
            return None
        async with info.context.reading() as reader:
            made = await passport_file(reader, paper.register_id)
        return KkmPassportType(name=made.name, pdf=base64.b64encode(made.content).decode())

    @property
    def is_asked(self) -> bool:
        """True while an OFD has not answered."""
        return self.view.passport is not None and self.view.passport.asked_ms is not None

    @classmethod
    def of(cls, view: LifeView, context: GqlContext) -> Self:
        """The life as shown."""
        paper, kkm, stage = view.passport, view.kkm, view.stage
        steps = NEXT_STEPS[stage]
        number = None if paper is None else paper.factory_number
        if kkm is not None:
            number = kkm.card.factory_number or number
        return cls(
            view=view,
            register_id=to_global("Register", view.register_id),
            stage=stage,
            next_step=steps.get(context.language, steps[DEFAULT_LANGUAGE]),
            factory_number=number,
            made_year=None if paper is None else paper.made_year,
            is_sandbox=paper is not None and paper.is_sandbox,
            passport_at=_moment(None if paper is None else paper.passport_ms),
            mailed_to=None if paper is None else paper.mailed_to,
            decommissioned_at=_moment(None if paper is None else paper.decommissioned_ms),
            kkm=None if kkm is None else KkmType.of(kkm, context),
        )


def _moment(ms: int | None) -> DateTime | None:
    return None if ms is None else from_ms(ms)
