"""Whether somebody opens at an OFD's address: a connection, with TLS if there is any, and no byte more."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from addons.fiscal_kz.adapters.ofd_client import tls_context
from kernel.data.work import forbid_in_transaction

if TYPE_CHECKING:
    from addons.fiscal_kz.domain.ways import Way


class OfdDoor:
    """Implements services.self_test.Door: tries the addresses in their order."""

    async def knock(self, way: Way, *, wait_s: float) -> str | None:
        """See services.self_test.Door."""
        forbid_in_transaction()
        reason: str | None = "refused"
        for host, port in way.addresses:
            reason = await _knock(way, host, port, wait_s / len(way.addresses))
            if reason is None:
                return None
        return reason


async def _knock(way: Way, host: str, port: int, wait_s: float) -> str | None:
    try:
        context = None if way.tls is None else tls_context(way.tls)
        name = None if way.tls is None else way.tls.server_name or host
        async with asyncio.timeout(wait_s):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=name)
    except ssl.SSLError:
        return "certificate"
    except TimeoutError:
        return "timeout"
    except OSError:
        return "refused"
    writer.transport.abort()
    return None
