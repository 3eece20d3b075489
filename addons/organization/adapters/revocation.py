"""Whether a certificate was revoked: by OCSP, else by the list (CRL) its authority publishes.

Addresses stand in the certificate, whose path to a root we believe was checked before; an answer counts only
with the authority's own signature. Source: RFC 6960 (OCSP), RFC 5280 §5 (CRL).
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import httpx
from asn1crypto import core, crl, ocsp

from addons.organization.services.ports import RevocationState
from kernel.bounded_answer import read_bounded
from kernel.data.work import forbid_in_transaction
from protocols.ncalayer.keys import Certificate, Unknown, is_signed_by

TIMEOUT_S = 5.0
ANSWER_BYTES_MAX = 8 * 1024 * 1024  # the authority's lists have some megabytes
URLS_MAX = 2  # of each kind
CLOCKS_APART = timedelta(minutes=10)
AGE_MAX = timedelta(days=1)  # of an OCSP answer that does not say how long it holds
OCSP_SIGNING = "ocsp_signing"
_PARSING = (ValueError, TypeError, KeyError, IndexError, AttributeError)

# url, body (None: GET) → the answer, None when there was none.
Fetch = Callable[[str, bytes | None], Awaitable[bytes | None]]


class NetworkRevocation:
    """See addons.organization.services.ports."""

    def __init__(self, fetch: Fetch | None = None) -> None:
        self._fetch = fetch or fetch_over_http

    async def state_of(self, certificate: bytes, issuer: bytes, *, now: datetime) -> RevocationState:
        """OCSP first: its answer is of this minute."""
        try:
            leaf, authority = Certificate.read(certificate), Certificate.read(issuer)
            ocsp_urls = list(leaf.parsed.ocsp_urls)[:URLS_MAX]
            lists = [point.url for point in leaf.parsed.crl_distribution_points if point.url][:URLS_MAX]
        except _PARSING:
            return RevocationState.UNKNOWN
        for url in ocsp_urls:
            answer = await self._fetch(url, ocsp_request(leaf, authority))
            state = ocsp_state(answer, leaf, authority, now) if answer else RevocationState.UNKNOWN
            if state is not RevocationState.UNKNOWN:
                return state
        for url in lists:
            answer = await self._fetch(url, None)
            state = crl_state(answer, leaf, authority, now) if answer else RevocationState.UNKNOWN
            if state is not RevocationState.UNKNOWN:
                return state
        return RevocationState.UNKNOWN


async def fetch_over_http(url: str, body: bytes | None) -> bytes | None:
    """The answer of an authority, None when it is silent, too long or no answer."""
    forbid_in_transaction()
    if not url.startswith(("http://", "https://")):
        return None
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False) as client:
            headers = {} if body is None else {"content-type": "application/ocsp-request"}
            method = "GET" if body is None else "POST"
            async with client.stream(method, url, content=body, headers=headers) as answer:
                if answer.status_code != httpx.codes.OK:
                    return None
                return await read_bounded(answer, ANSWER_BYTES_MAX)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None


def ocsp_request(leaf: Certificate, issuer: Certificate) -> bytes:
    """A question about one certificate."""
    asked = {"req_cert": _certificate_id(leaf, issuer)}
    dumped: bytes = ocsp.OCSPRequest({"tbs_request": {"request_list": [asked]}}).dump()
    return dumped


def ocsp_state(answer: bytes, leaf: Certificate, issuer: Certificate, now: datetime) -> RevocationState:
    """What an OCSP answer proves: signed by the issuer or by somebody it let answer, about this certificate,
    and fresh.
    """
    try:
        response = ocsp.OCSPResponse.load(answer, strict=True)
        if response["response_status"].native != "successful":
            return RevocationState.UNKNOWN
        der = response["response_bytes"]["response"].parsed.dump()
        basic = ocsp.BasicOCSPResponse.load(der, strict=True)
        parts = core.SequenceOf.load(der, spec=core.Any)
        algorithm = basic["signature_algorithm"]["algorithm"].dotted
        helpers = _certificates(core.SequenceOf.load(der, spec=core.Any), 3)
        signers = [issuer, *(each for each in helpers if _may_answer(each, issuer, now))]
        body, signature = parts[0].dump(), basic["signature"].native
        if not any(is_signed_by(each.key_info, algorithm, body, signature) for each in signers):
            return RevocationState.UNKNOWN
        wanted = _certificate_id(leaf, issuer)
        for each in basic["tbs_response_data"]["responses"]:
            if each["cert_id"].native == wanted.native and _is_fresh(each, now):
                names = {"good": RevocationState.GOOD, "revoked": RevocationState.REVOKED}
                return names.get(each["cert_status"].name, RevocationState.UNKNOWN)
    except (Unknown, *_PARSING):
        pass
    return RevocationState.UNKNOWN


def crl_state(answer: bytes, leaf: Certificate, issuer: Certificate, now: datetime) -> RevocationState:
    """What a list proves: signed by the issuer, in force, with or without this certificate."""
    try:
        listed = crl.CertificateList.load(answer, strict=True)
        body = core.SequenceOf.load(answer, spec=core.Any)[0].dump()
        algorithm = listed["signature_algorithm"]["algorithm"].dotted
        if listed.issuer != issuer.parsed.subject:
            return RevocationState.UNKNOWN
        if not is_signed_by(issuer.key_info, algorithm, body, listed["signature"].native):
            return RevocationState.UNKNOWN
        inner = listed["tbs_cert_list"]
        until = inner["next_update"].native
        if until is None or not inner["this_update"].native - CLOCKS_APART <= now <= until:
            return RevocationState.UNKNOWN
        serial = leaf.parsed.serial_number
        for each in inner["revoked_certificates"]:
            if each["user_certificate"].native == serial:
                return RevocationState.REVOKED
    except (Unknown, *_PARSING):
        return RevocationState.UNKNOWN
    return RevocationState.GOOD


def _certificate_id(leaf: Certificate, issuer: Certificate) -> ocsp.CertId:
    key = core.SequenceOf.load(issuer.key_info, spec=core.Any)[1].dump()
    bits = core.OctetBitString.load(key).native
    # SHA-1 names here, it proves nothing: RFC 6960 asks for it by default.
    return ocsp.CertId(
        {
            "hash_algorithm": {"algorithm": "sha1"},
            "issuer_name_hash": hashlib.sha1(issuer.parsed.subject.dump()).digest(),
            "issuer_key_hash": hashlib.sha1(bits).digest(),
            "serial_number": leaf.parsed.serial_number,
        }
    )


def _certificates(parts: core.SequenceOf, place: int) -> list[Certificate]:
    """Certificates that came with an answer, in the very bytes they came in."""
    if len(parts) <= place:
        return []
    explicit = parts[place].contents
    inner = core.SequenceOf.load(explicit, spec=core.Any)
    return [Certificate.read(each.dump()) for each in inner]


def _may_answer(helper: Certificate, issuer: Certificate, now: datetime) -> bool:
    purposes = helper.parsed.extended_key_usage_value
    if purposes is None or OCSP_SIGNING not in purposes.native:
        return False
    if not helper.parsed.not_valid_before <= now <= helper.parsed.not_valid_after:
        return False
    return helper.parsed.issuer == issuer.parsed.subject and issuer.has_signed(helper)


def _is_fresh(single: ocsp.SingleResponse, now: datetime) -> bool:
    since, until = single["this_update"].native, single["next_update"].native
    if since - CLOCKS_APART > now:
        return False
    return bool(now <= (until or since + AGE_MAX))
