"""A stand-in for NCALayer: the same WebSocket messages, signed by certificates made up on the spot.

Source of the messages: the public browser client of NCALayer and its answers. Modules: commonUtils (answers
{code, message, responseObject}) and basics ({status, body}). Nothing is asked of a person: it signs at once,
unless it was told to cancel.
"""

from __future__ import annotations

import base64
import binascii
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from websockets.asyncio.server import ServerConnection, serve

from kernel.clock import SystemClock
from simulators.ncalayer.authority import (
    AUTHENTICATION,
    SIGNING,
    Holder,
    make_authority,
    make_person,
    make_root,
    sign_cms,
)

PORT = 13579
VERSION = "1.4"
HEARTBEAT = "--heartbeat--"
COMMON, BASICS = "kz.gov.pki.knca.commonUtils", "kz.gov.pki.knca.basics"
STORAGE = "PKCS12"
MESSAGE_MAX = 1_000_000


class NcaLayer:
    """One person's keys: for signing and for signing in. moment: the clock of signatures and certificates."""

    def __init__(self, *, bin_: str, is_gost: bool = True, moment: datetime | None = None) -> None:
        self.moment = moment or SystemClock().now()
        self.root = make_root(is_gost=is_gost, now=self.moment)
        self.authority = make_authority(self.root, now=self.moment)
        self._keys: dict[str, Holder] = {
            "SIGNATURE": make_person(self.authority, now=self.moment, bin_=bin_, purposes=(SIGNING,)),
            "AUTHENTICATION": make_person(
                self.authority, now=self.moment, bin_=bin_, purposes=(AUTHENTICATION,)
            ),
        }
        self.is_cancelling = False

    def certificates(self) -> dict[str, bytes]:
        """What a verifier has to believe, by file name: put them into its folder of authorities."""
        return {"root.cer": self.root.der, "authority.cer": self.authority.der}

    def answer(self, text: str) -> dict[str, Any] | str:
        """What NCALayer says to a message."""
        if text == HEARTBEAT:
            return HEARTBEAT
        try:
            asked = json.loads(text)
        except json.JSONDecodeError:
            return {"status": False, "code": "GENERAL_ERROR", "message": "malformed JSON"}
        module, method, args = asked.get("module"), asked.get("method"), asked.get("args")
        if module == COMMON:
            return self._common(method, args or [], asked.get("uuid"))
        if module == BASICS:
            return self._basics(method, args or {})
        return {"success": False, "errorCode": "MODULE_NOT_FOUND"}

    def _common(self, method: str, args: list[Any], uuid: Any) -> dict[str, Any]:
        tail = {} if uuid is None else {"uuid": uuid}
        if self.is_cancelling:
            return {"code": "500", "message": "action.canceled", **tail}
        if method == "getActiveTokens":
            return {"code": "200", "message": "", "responseObject": [], **tail}
        if method in ("createCAdESFromBase64", "createCMSSignatureFromBase64"):
            key, content, is_attached = str(args[1]), _decoded(str(args[2])), bool(args[3])
            if content is None or key not in self._keys:
                return {"code": "500", "message": "signing.error", **tail}
            signed = base64.b64encode(self._sign(key, content, is_attached)).decode()
            return {"code": "200", "message": "", "responseObject": signed, **tail}
        return {"code": "500", "message": "method.not.found", **tail}

    def _basics(self, method: str, args: dict[str, Any]) -> dict[str, Any]:
        if method != "sign":
            return {"status": False, "code": "INVOCATION_ERROR", "message": "no such method"}
        if self.is_cancelling:
            return {"status": True, "body": {}}
        wanted = args.get("signingParams", {})
        usages = args.get("signerParams", {}).get("extKeyUsageOids", [])
        key = "AUTHENTICATION" if "1.3.6.1.5.5.7.3.2" in usages else "SIGNATURE"
        data = args.get("data")
        contents = [_decoded(str(each)) for each in (data if isinstance(data, list) else [data])]
        if not contents or None in contents:
            return {"status": False, "code": "INVALID_SIGNING_PARAMS", "message": "data is not base64"}
        is_attached = bool(wanted.get("encapsulate", True))
        signed = [
            base64.b64encode(self._sign(key, each, is_attached)).decode()
            for each in contents
            if each is not None
        ]
        return {"status": True, "body": {"result": signed if isinstance(data, list) else signed[0]}}

    def _sign(self, key: str, content: bytes, is_attached: bool) -> bytes:
        return sign_cms(self._keys[key], content, now=self.moment, is_attached=is_attached)


@asynccontextmanager
async def serving(
    layer: NcaLayer, *, host: str = "127.0.0.1", port: int = PORT, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serve while the block runs; gives the port, a free one for 0."""

    async def talk(socket: ServerConnection) -> None:
        await socket.send(json.dumps({"result": {"version": VERSION}}))
        async for text in socket:
            answer = layer.answer(text if isinstance(text, str) else text.decode(errors="replace"))
            await socket.send(answer if isinstance(answer, str) else json.dumps(answer))

    async with serve(talk, host, port, ssl=tls, max_size=MESSAGE_MAX) as server:
        yield next(iter(server.sockets)).getsockname()[1]


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
