"""NCANode as a second verifier of signatures: POST /cms/verify of its API, version 3.

It is asked after our own check and can only take away from it: its no is a no; its yes counts for exactly our
certificate, and for revocation only where it says that it asked. Whatever is no such answer is no opinion.
Source: NCANode 3, `CmsVerificationResponse`, `CertificateInfo`, `CertificateRevocationStatus`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from addons.organization.services.ports import Opinion
from kernel.bounded_answer import read_bounded
from kernel.data.work import forbid_in_transaction

LIMIT_S = 10.0  # it asks the authority itself
ANSWER_BYTES_MAX = 1024 * 1024
CHECKS = ("OCSP", "CRL")


class NcaNode:
    """See addons.organization.services.ports.SecondVerifier."""

    async def opinion(self, url: str, cms: str, serial: int, *, asks_authority: bool) -> Opinion:
        """Ask the NCANode at that address."""
        asked = {"cms": cms, "revocationCheck": list(CHECKS) if asks_authority else []}
        answer = await _post(f"{url.rstrip('/')}/cms/verify", orjson.dumps(asked))
        return Opinion.NONE if answer is None else read_opinion(answer, serial)


def read_opinion(answer: bytes, serial: int) -> Opinion:
    """What an answer says of the certificate with that number; NONE for what is not about it alone."""
    try:
        told = orjson.loads(answer)
        (signer,) = told["signers"]
        (certificate,) = signer["certificates"]
        if not _is_number(certificate["serialNumber"], serial):
            return Opinion.NONE
        checks = [each["revoked"] for each in certificate.get("revocations") or ()]
        if not all(isinstance(each, bool) for each in [*checks, told["valid"], certificate["valid"]]):
            return Opinion.NONE
    except (ValueError, KeyError, TypeError, AttributeError):
        return Opinion.NONE
    if any(checks):
        return Opinion.REVOKED
    if not (told["valid"] and certificate["valid"]):
        return Opinion.DENIED
    return Opinion.NOT_REVOKED if checks else Opinion.CONFIRMED


def _is_number(told: object, serial: int) -> bool:
    """Hexadecimal, as it writes numbers of certificates; decimal too, for its versions differ."""
    text = str(told).strip().lower().removeprefix("0x")
    return text.lstrip("0") == format(serial, "x") or text == str(serial)


async def _post(url: str, body: bytes) -> bytes | None:
    """The answer, None when there is none in time, or it is too long."""
    forbid_in_transaction()
    try:
        async with asyncio.timeout(LIMIT_S), httpx.AsyncClient(timeout=LIMIT_S, trust_env=False) as client:
            headers: Mapping[str, Any] = {"content-type": "application/json"}
            async with client.stream("POST", url, content=body, headers=headers) as answer:
                if answer.status_code != httpx.codes.OK:
                    return None
                return await read_bounded(answer, ANSWER_BYTES_MAX)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        return None
