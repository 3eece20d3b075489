"""`/metrics` for Prometheus: for collectors on this machine, or for those who know the token."""

from __future__ import annotations

import hmac

from starlette.requests import Request
from starlette.responses import Response

from gateway.access import bearer
from gateway.answers import error_answer
from kernel import metrics
from kernel.config_sections import ServerSettings
from kernel.errors import Refusal

LOOPBACK = frozenset({"127.0.0.1", "::1"})


async def figures_page(request: Request) -> Response:
    """All figures of this process. Without a token in the settings they are for this machine only."""
    if not _may_see(request):
        return error_answer(
            request.scope, 403, "FORBIDDEN", "Figures are for this machine or with the metrics token."
        )
    return Response(
        metrics.page(), headers={"content-type": metrics.CONTENT_TYPE, "cache-control": "no-store"}
    )


def _may_see(request: Request) -> bool:
    token = request.app.state.sauda.config.section(ServerSettings).metrics_token.reveal()
    if token:
        try:
            return hmac.compare_digest(
                bearer(request.headers.get("authorization", "")).encode(), token.encode()
            )
        except Refusal:
            return False
    # A proxy on this machine speaks for somebody else.
    is_forwarded = "forwarded" in request.headers or "x-forwarded-for" in request.headers
    return not is_forwarded and request.client is not None and request.client.host in LOOPBACK
