"""How the world's "no" looks to a caller: a member of a mutation's union, or an error with a code. Texts live
in locale files.

Annotations are real in this module: Strawberry reads them.
"""

import strawberry
from strawberry.types.field import StrawberryField

from kernel.errors import Refusal
from kernel.gql.context import Info
from kernel.gql.permissions import ACCESS_CODES
from kernel.i18n import explain


@strawberry.type(description="The request was understood and declined; nothing was changed.")
class Refused:
    code: str = strawberry.field(description="Stable code for programs, such as SALE_KEY_REUSED.")
    message: str = strawberry.field(description="What is wrong, in the caller's language.")
    field: str | None = strawberry.field(description="Path of the input at fault, such as `lines.0.price`.")
    next_action: str | None = strawberry.field(description="What to do next, in the caller's language.")


def refused(refusal: Refusal, language: str) -> Refused:
    """The refusal as its caller sees it."""
    text = explain(refusal.code, refusal.facts, language)
    return Refused(code=refusal.code, message=text.message, field=refusal.field, next_action=text.next_action)


class RefusalHandler(strawberry.ExceptionHandler[Refusal, Refused]):
    """Turns a Refusal raised by a resolver into the `Refused` member of its union; refusals of access stay
    errors.
    """

    def handle(self, exception: Refusal, *, field: StrawberryField, info: Info) -> Refused | None:
        if exception.code in ACCESS_CODES:
            return None
        return refused(exception, info.context.language)
