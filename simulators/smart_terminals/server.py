"""The terminals over HTTP: Kaspi with TLS and a certificate of its own, the ECR terminal without."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from simulators.pages import json_answer
from simulators.serving import Served, break_off, endpoint_of, serving, stay_silent
from simulators.smart_terminals.ecr import EcrTerminal
from simulators.smart_terminals.kaspi import KaspiError, KaspiTerminal
from simulators.smart_terminals.panel import build_panel
from simulators.smart_terminals.plan import Loss, Plan

BODY_MAX = 16 * 1024
CERTIFICATE_DAYS = 3650
STATUS_END = 600  # greater numbers cannot be sent as HTTP status


@dataclass(frozen=True, slots=True)
class Place:
    """Where a running terminal is found. fingerprint: SHA-256 of its certificate, hex; empty without TLS."""

    address: str
    panel: str
    fingerprint: str
    served: Served


def build_kaspi(terminal: KaspiTerminal, *, has_codes_as_status: bool = False) -> Starlette:
    """The device's application. has_codes_as_status: error numbers are HTTP status too."""

    async def answer(request: Request) -> ASGIApp:
        path = request.path_params["call"]

        async def perform() -> Response:
            token = request.headers.get("accesstoken", "")
            try:
                data = terminal.call(path, dict(request.query_params), token)
            except KaspiError as error:
                is_status = 400 <= error.code < 500 or (has_codes_as_status and error.code < STATUS_END)
                status = error.code if is_status else 200
                return json_answer({"errorText": error.text, "statusCode": error.code}, status)
            return json_answer({"data": data, "statusCode": 0})

        return await _lossy(terminal.plan, path, perform)

    return Starlette(routes=[Route("/v2/{call:str}", endpoint_of(answer), methods=["GET"])])


def build_ecr(terminal: EcrTerminal) -> Starlette:
    """The device's application."""

    async def answer(request: Request) -> ASGIApp:
        if request.method != "POST":
            return json_answer({"data": {"result": 400, "msg": "Ошибка метода запроса"}}, 400)
        body = await request.body()
        try:
            asked = orjson.loads(body[:BODY_MAX])
        except orjson.JSONDecodeError:
            return json_answer({"data": {"result": 400, "msg": "Ошибка разбора запроса"}}, 400)

        async def perform() -> Response:
            task = asyncio.ensure_future(terminal.perform(asked))
            told = await asyncio.shield(task)
            return json_answer(told) if told is not None else Response(status_code=200)

        task = asked.get("task", "") if isinstance(asked, dict) else ""
        return await _lossy(terminal.plan, str(task), perform)

    return Starlette(routes=[Route("/", endpoint_of(answer), methods=["GET", "POST"])])


@asynccontextmanager
async def serving_kaspi(
    terminal: KaspiTerminal,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    panel_port: int = 0,
    has_codes_as_status: bool = False,
) -> AsyncIterator[Place]:
    """Serve the device and its panel while the block runs. Raises OSError when a port is taken."""
    context, fingerprint = make_tls(terminal.clock.now())
    app = build_kaspi(terminal, has_codes_as_status=has_codes_as_status)
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving(app, host=host, port=port, tls=context))
        panel = await stack.enter_async_context(
            serving(build_panel(terminal, served), host=host, port=panel_port)
        )
        yield Place(f"https://{host}:{served.port}", f"http://{host}:{panel.port}", fingerprint, served)


@asynccontextmanager
async def serving_ecr(
    terminal: EcrTerminal, *, host: str = "127.0.0.1", port: int = 0, panel_port: int = 0
) -> AsyncIterator[Place]:
    """Serve the device and its panel while the block runs. Raises OSError when a port is taken."""
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving(build_ecr(terminal), host=host, port=port))
        panel = await stack.enter_async_context(
            serving(build_panel(terminal, served), host=host, port=panel_port)
        )
        yield Place(f"http://{host}:{served.port}", f"http://{host}:{panel.port}", "", served)


def make_tls(now: datetime) -> tuple[ssl.SSLContext, str]:
    """A certificate of the device's own, for no name and signed by nobody, and its SHA-256 as hex."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Smart POS")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=CERTIFICATE_DAYS))
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "terminal.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context.load_cert_chain(file)
    return context, certificate.fingerprint(hashes.SHA256()).hex()


async def _lossy(plan: Plan, on: str, perform: Callable[[], Awaitable[Response]]) -> ASGIApp:
    loss = plan.losing(on)
    if loss is Loss.CUT_BEFORE:
        return break_off
    answer = await perform()
    match loss:
        case Loss.CUT_AFTER:
            return break_off
        case Loss.SILENT:
            return stay_silent
        case Loss.EMPTY:
            return Response(status_code=200)
        case Loss.GARBAGE:
            return Response("<html>", media_type="text/html")
    return answer
