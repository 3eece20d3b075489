"""The server itself: addresses, stopping, and the settings that sockets depend on."""

from __future__ import annotations

import socket

import httpx
import pytest

from gateway import server
from gateway.server import serving
from kernel.errors import Fault
from tests.gateway.shop_house import shop_app, shop_served


async def test_a_free_port_is_taken_and_given_back() -> None:
    async with shop_app() as app:
        async with serving(app, port=0) as address, httpx.AsyncClient() as client:
            live = await client.get(f"{address}/health/live")
        port = httpx.URL(address).port
        with socket.socket() as probe:
            refused = probe.connect_ex(("127.0.0.1", port or 0))

    assert live.json() == {"status": "ok"}
    assert refused != 0


async def test_a_taken_address_is_a_fault_that_names_it() -> None:
    async with shop_served() as (app, address):
        port = httpx.URL(address).port
        with pytest.raises(Fault, match=f"cannot listen at 127.0.0.1:{port}"):
            async with serving(app, port=port):
                pass


def test_silent_sockets_are_pinged_and_messages_are_bounded_and_not_deflated() -> None:
    """Proxies close silent sockets; deflate doubles their memory; without no-delay an answer waits 40 ms."""
    config = server._config(None)
    listener = server.listen("127.0.0.1", 0)
    try:
        no_delay = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    finally:
        listener.close()

    assert config.ws_ping_interval == server.PING_S
    assert config.ws_max_size == server.SOCKET_MESSAGE_MAX
    assert not config.ws_per_message_deflate
    assert no_delay == 1
