"""HTTPS of `sauda up --tls`: which names the certificate has, that it stays good, and the page, over plain
HTTP, where devices learn to trust it. The certificates themselves: gateway/certificates.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.answers import not_found
from gateway.app import static_file
from gateway.certificates import OwnCertificates, address_for_people, is_name, names_of_machine
from gateway.envelope import Envelope
from gateway.pages import labelled
from gateway.server import listen, serving_at
from kernel.app import App
from kernel.config_sections import ServerSettings, TlsSettings
from kernel.errors import SetupFault
from kernel.printing.codes import qr_svg
from kernel.web.assets import STATIC_PATH
from kernel.web.rendering import render

CERTIFICATE_PATH = "/sauda-ca.crt"
LOOK_S = 60.0  # how often names and the end of the certificate are looked at
ALL_ADDRESSES = "0.0.0.0"
THIS_MACHINE = "127.0.0.1"

_log = structlog.get_logger("sauda.gateway")


def own_certificates(app: App) -> OwnCertificates:
    """Authority and certificate of this installation, made where missing. Raises SetupFault."""
    settings = app.config.section(TlsSettings)
    wrong = [each for each in settings.names if not is_name(each)]
    if wrong:
        raise SetupFault([f"tls.names: {', '.join(wrong)}: neither a host name in lower case nor an address"])
    return OwnCertificates(Path(settings.folder), _names(app), now=app.clock.now())


def host_to_serve(app: App, asked: str | None) -> str:
    """Where to listen: HTTPS is for other devices, so not at this machine alone unless that is asked for."""
    configured = app.config.section(ServerSettings).host
    return asked or (ALL_ADDRESSES if configured == THIS_MACHINE else configured)


def for_people(certificates: OwnCertificates, scheme: str, host: str, port: int | None) -> str:
    """The address to open on another device of what listens at a host and a port."""
    shown = address_for_people(certificates.names) if host == ALL_ADDRESSES else host
    return f"{scheme}://[{shown}]:{port}" if ":" in shown else f"{scheme}://{shown}:{port}"


@asynccontextmanager
async def trusting(app: App, certificates: OwnCertificates, *, host: str, address: str) -> AsyncIterator[str]:
    """While inside, the certificate stays good and devices find the page; gives the page's address.

    address: of the gateway, as people open it. Raises SetupFault when the page's port is taken.
    """
    settings = app.config.section(TlsSettings)
    listener = listen(host, settings.page_port, setting="tls.page_port")
    page_address = f"{for_people(certificates, 'http', host, listener.getsockname()[1])}/"
    page = trust_page(app, certificates, page_address=page_address, address=address)
    async with serving_at(listener, page), asyncio.TaskGroup() as group:
        keeping = group.create_task(_keep_good(app, certificates))
        try:
            yield page_address
        finally:
            keeping.cancel()


def trust_page(app: App, certificates: OwnCertificates, *, page_address: str, address: str) -> ASGIApp:
    """The page as an application of its own: nothing else is served without HTTPS."""

    async def page(request: Request) -> Response:
        facts = {
            "fingerprint": certificates.authority.fingerprint,
            "page_address": page_address,
            "address": address,
            "qr": Markup(qr_svg(page_address)),
            "certificate_path": CERTIFICATE_PATH,
        }
        return render(request, "core/trust.html", facts)

    async def certificate(request: Request) -> Response:
        return Response(certificates.authority.der, media_type="application/x-x509-ca-cert")

    async def nothing(request: Request, error: Exception) -> Response:
        return not_found(request)

    starlette = Starlette(
        routes=[
            Route("/", labelled("/trust", page), methods=["GET"]),
            Route(CERTIFICATE_PATH, labelled("/trust", certificate), methods=["GET"]),
            Route(STATIC_PATH + "{name:path}", labelled("/static", static_file), methods=["GET"]),
        ],
        exception_handlers={HTTPException: nothing},
    )
    starlette.state.sauda = app
    return Envelope(starlette, body_max=0)


async def _keep_good(app: App, certificates: OwnCertificates) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            names = await asyncio.to_thread(_names, app)
            await asyncio.to_thread(certificates.renew, names, now=app.clock.now())
        except OSError as error:  # the certificate at hand goes on while it can
            _log.error("the certificate cannot be renewed", reason=error.strerror or str(error))


def _names(app: App) -> tuple[str, ...]:
    public = urlsplit(app.config.section(ServerSettings).public_url).hostname or ""
    return names_of_machine(filter(None, (*app.config.section(TlsSettings).names, public)))
