"""Arguments that many root fields of the fiscal engine take. Annotations are real: Strawberry reads them."""

from typing import Annotated

import strawberry

from kernel.gql.ids import from_global

REASON_LENGTH_MAX = 500

RegisterArgument = Annotated[strawberry.ID, strawberry.argument(description="Register.")]


def register_key(register_id: strawberry.ID) -> str:
    """The key of a register. Raises Refusal for an id of something else."""
    return from_global(register_id, "Register", field="registerId")


def reason_text(reason: str) -> str:
    """As much of a reason as is kept."""
    return reason[:REASON_LENGTH_MAX]
