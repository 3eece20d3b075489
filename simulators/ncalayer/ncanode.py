"""A stand-in for NCANode 3: POST /cms/verify, for signatures of the NCALayer stand-in beside it.

It says of a message what NCANode says: its signers' certificates, whether the authority issued them, whether
they were revoked. It does not look at the signature itself: whoever asks does that without it.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import orjson
from asn1crypto import cms, core
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from protocols.ncalayer.keys import Certificate, Unknown
from simulators.ncalayer.server import NcaLayer
from simulators.pages import json_answer


@dataclass(slots=True)
class NcaNode:
    """revoked: numbers of certificates; asked: requests so far."""

    layer: NcaLayer
    revoked: set[int] = field(default_factory=set)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> Starlette:
        """To be served."""

        async def verify(request: Request) -> Response:
            try:
                asked = orjson.loads(await request.body())
                self.asked.append(asked)
                return json_answer(self.verdict(asked))
            except (ValueError, KeyError, TypeError, binascii.Error) as error:
                return json_answer({"status": 400, "message": str(error)}, 400)

        return Starlette(routes=[Route("/cms/verify", verify, methods=["POST"])])

    def verdict(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request. Raises ValueError for what is no CMS message."""
        message = base64.b64decode(asked["cms"], validate=True)
        signed = cms.ContentInfo.load(message, strict=True)["content"]
        certificates = [
            Certificate.read(core.Any.load(each.dump()).dump()) for each in signed["certificates"]
        ]
        leaves = [
            each for each in certificates if each.parsed.subject != self.layer.authority.certificate.subject
        ]
        told = [self._told(each, asked.get("revocationCheck") or []) for each in leaves]
        signers = [{"certificates": [each], "tsp": None} for each in told]
        is_valid = all(each["valid"] for each in told)
        return {"status": 200, "message": "OK", "valid": is_valid, "signers": signers}

    def _told(self, certificate: Certificate, checks: list[str]) -> dict[str, Any]:
        serial = certificate.parsed.serial_number
        try:
            is_ours = Certificate.read(self.layer.authority.der).has_signed(certificate)
        except Unknown:
            is_ours = False
        is_revoked = serial in self.revoked
        return {
            "valid": is_ours and not (is_revoked and checks),
            "revocations": [
                {"revoked": is_revoked, "by": each, "revocationTime": None, "reason": None} for each in checks
            ],
            "notBefore": certificate.parsed.not_valid_before.isoformat(),
            "notAfter": certificate.parsed.not_valid_after.isoformat(),
            "keyUsage": "SIGN",
            "serialNumber": format(serial, "x"),
        }
