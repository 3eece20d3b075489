"""How errors leave the house: codes for programs, sentences for people, a request id, and never our own
insides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from graphql import GraphQLError

from kernel.data.failures import is_away
from kernel.errors import Refusal, Unavailable
from kernel.gql.context import GqlContext
from kernel.i18n import explain

INTERNAL = "INTERNAL_SERVER_ERROR"
BAD_INPUT = "BAD_USER_INPUT"

# Mistakes in arguments of lists all carry one code, as clients of connections expect; `reason` tells them
# apart.
INPUT_REASONS = frozenset(
    {"BAD_CURSOR", "PAGE_SIZE_NEEDED", "PAGE_SIZE_OUT_OF_RANGE", "PAGE_ARGUMENTS_MIXED"}
)

_log = structlog.get_logger("sauda.graphql")


def present(errors: Sequence[GraphQLError], context: GqlContext) -> list[GraphQLError]:
    """The errors as the caller sees them; whatever was not expected is masked and logged once with its
    traceback.
    """
    return [_present(error, context) for error in errors]


def outcome_of(errors: Sequence[GraphQLError] | None) -> str:
    """For figures: "ok" or the code of the first presented error, which is always one of our own."""
    return str((errors[0].extensions or {}).get("code", INTERNAL)) if errors else "ok"


def _present(error: GraphQLError, context: GqlContext) -> GraphQLError:
    cause = error.original_error
    if isinstance(cause, Refusal):
        return _shown(error, context, *_refusal(cause, context.language))
    if cause is not None and is_away(cause):  # a read: Works say so themselves
        _log.warning("the database is away", request_id=context.request_id, error=str(cause))
        cause = Unavailable("DATABASE_UNAVAILABLE")
    if isinstance(cause, Unavailable):
        text = explain(cause.code, cause.facts, context.language)
        return _shown(error, context, text.message, {"code": cause.code, "nextAction": text.next_action})
    if is_mistake(error):
        return _shown(error, context, error.message, {"code": BAD_INPUT, **(error.extensions or {})})
    _log.error(
        "operation failed",
        request_id=context.request_id,
        path=error.path,
        exc_info=cause if cause is not None else error,
    )
    text = explain(INTERNAL, {"request_id": context.request_id}, context.language)
    return _shown(error, context, text.message, {"code": INTERNAL})


def is_mistake(error: GraphQLError) -> bool:
    """True for errors of the client's document or variables: found before any field was resolved, about a
    place in it.

    An error without a path and without a place in the document came from our own machinery.
    """
    if error.extensions and "code" in error.extensions and error.original_error is None:
        return True
    return error.path is None and bool(error.nodes)


def _refusal(refusal: Refusal, language: str) -> tuple[str, dict[str, Any]]:
    text = explain(refusal.code, refusal.facts, language)
    extensions: dict[str, Any] = {"code": refusal.code}
    if refusal.code in INPUT_REASONS:
        extensions = {"code": BAD_INPUT, "reason": refusal.code}
    if refusal.field is not None:
        extensions["field"] = refusal.field
    if text.next_action is not None:
        extensions["nextAction"] = text.next_action
    return text.message, extensions


def _shown(
    error: GraphQLError, context: GqlContext, message: str, extensions: dict[str, Any]
) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={
            **{name: value for name, value in extensions.items() if value is not None},
            "requestId": context.request_id,
        },
    )
