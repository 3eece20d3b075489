"""Text that leaves a WebSocket at once, past the queues of an application: for news to thousands of callers.

uvicorn's `send` and what stands above it cost more than the packet itself.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from gateway.packets import bare

PUSH = "sauda.push"  # among the extensions of a scope, for sockets served by this protocol
TEXT = b"\x81"  # the whole message in one frame (RFC 6455 §5.2); what servers send is not masked
SHORT_MAX, MIDDLE_MAX = 125, 0xFFFF


class PushingSocket(WebSocketsSansIOProtocol):
    """uvicorn's protocol; answers are no HTTP any more, so that nothing keeps heads back."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        super().connection_made(bare(transport))

    async def run_asgi(self) -> None:
        """Let the application push."""
        self.scope["extensions"][PUSH] = self.push  # type: ignore[assignment]  # ours to name
        await super().run_asgi()

    def push(self, text: str) -> bool:
        """Send now; False when it must wait or is too late: `send` waits, or raises."""
        transport = self.transport
        if self.close_sent or not self.handshake_complete or not self.writable.is_set():
            return False
        if transport.is_closing():
            return False
        transport.write(text_frame(text))
        return True


def text_frame(text: str) -> bytes:
    """One message as its bytes on the wire, without extensions."""
    data = text.encode()
    size = len(data)
    if size <= SHORT_MAX:
        return TEXT + size.to_bytes(1, "big") + data
    if size <= MIDDLE_MAX:
        return TEXT + b"\x7e" + size.to_bytes(2, "big") + data
    return TEXT + b"\x7f" + size.to_bytes(8, "big") + data
