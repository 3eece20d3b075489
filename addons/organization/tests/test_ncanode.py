"""A second verifier, NCANode, may take away from a signature and never adds to it, whatever it says."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from addons.organization.adapters import ncanode
from addons.organization.adapters.ncanode import read_opinion
from addons.organization.services.applications import submit_application
from addons.organization.services.ports import Opinion
from addons.organization.tests.shops import FIRST_BIN
from addons.organization.tests.test_applications import _prepared, _signed, opened
from kernel.errors import Refusal
from kernel.testing.app import OPENING_DAY
from simulators.ncalayer.ncanode import NcaNode
from simulators.ncalayer.server import NcaLayer
from simulators.serving import break_off, serving, stay_silent

SERIAL = 0xAB12


@pytest.fixture(scope="module")
def layer() -> NcaLayer:
    """The head of the first company."""
    return NcaLayer(bin_=FIRST_BIN, moment=OPENING_DAY)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may answer late; only the silent ones are silent."""
    monkeypatch.setattr(ncanode, "LIMIT_S", 60.0)


@asynccontextmanager
async def _asked(layer: NcaLayer, folder: Path, app: ASGIApp, **settings: object) -> AsyncIterator[Any]:
    """A company opened by a signature, where this application answers as NCANode."""
    async with serving(app) as served:
        url = f"http://127.0.0.1:{served.port}/"
        async with opened(layer, folder, signature_ncanode=url, **settings) as (house, newcomer):
            signed = _signed(layer, await _prepared(house, newcomer))

            async def submit() -> str:
                return await submit_application(house.database, newcomer, signed)

            yield signed, submit


async def _code(submit: Any) -> str | None:
    try:
        await submit()
    except Refusal as refusal:
        return refusal.code
    return None


def _serial(signature: str) -> int:
    signed = cms.ContentInfo.load(base64.b64decode(signature))["content"]
    return int(signed["signer_infos"][0]["sid"].chosen["serial_number"].native)


async def test_its_word_on_revocation_counts_as_the_authoritys(layer: NcaLayer, tmp_path: Path) -> None:
    node = NcaNode(layer)
    async with _asked(layer, tmp_path, node.app(), signature_revocation="hard") as (signed, submit):
        node.revoked.add(_serial(signed.signature))
        assert await _code(submit) == "SIGNATURE_REVOKED"

        node.revoked.clear()

        assert await _code(submit) is None  # nobody else could be asked, and the policy is hard
        assert node.asked[0]["revocationCheck"] == ["OCSP", "CRL"]


async def test_its_no_is_a_no_even_where_revocation_is_not_asked(layer: NcaLayer, tmp_path: Path) -> None:
    other = NcaNode(NcaLayer(bin_=FIRST_BIN, moment=OPENING_DAY))  # another authority
    async with _asked(layer, tmp_path, other.app(), signature_revocation="off") as (_, submit):
        assert await _code(submit) == "SIGNATURE_NOT_CONFIRMED"
        assert other.asked[0]["revocationCheck"] == []


@pytest.mark.parametrize(("policy", "code"), [("soft", None), ("hard", "SIGNATURE_REVOCATION_UNKNOWN")])
@pytest.mark.parametrize("habit", [stay_silent, break_off], ids=["silent", "broken"])
async def test_one_that_does_not_answer_has_no_opinion(
    layer: NcaLayer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    habit: ASGIApp,
    policy: str,
    code: str | None,
) -> None:
    monkeypatch.setattr(ncanode, "LIMIT_S", 0.2)
    async with _asked(layer, tmp_path, habit, signature_revocation=policy) as (_, submit):
        assert await _code(submit) == code


async def test_an_endless_answer_is_cut_off(
    layer: NcaLayer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ncanode, "ANSWER_BYTES_MAX", 1_000)

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await Response(b" " * 5_000)(scope, receive, send)

    async with _asked(layer, tmp_path, endless, signature_revocation="soft") as (_, submit):
        assert await _code(submit) is None


async def test_a_lie_about_another_certificate_does_not_replace_the_authority(
    layer: NcaLayer, tmp_path: Path
) -> None:
    lie = {"valid": True, "signers": [{"certificates": [_certificate(serialNumber="1")]}]}

    async def lying(scope: Any, receive: Any, send: Any) -> None:
        await Request(scope, receive).body()
        await Response(json.dumps(lie))(scope, receive, send)

    async with _asked(layer, tmp_path, lying, signature_revocation="hard") as (_, submit):
        assert await _code(submit) == "SIGNATURE_REVOCATION_UNKNOWN"


def _certificate(**changes: object) -> dict[str, object]:
    checks = [{"revoked": False, "by": "OCSP", "revocationTime": None, "reason": None}]
    return {"valid": True, "revocations": checks, "serialNumber": "ab12", **changes}


def _answer(*certificates: dict[str, object], **changes: object) -> bytes:
    signers = [{"certificates": [each]} for each in certificates]
    return json.dumps({"status": 200, "valid": True, "signers": signers, **changes}).encode()


@pytest.mark.parametrize(
    ("answer", "opinion"),
    [
        (_answer(_certificate()), Opinion.NOT_REVOKED),
        (_answer(_certificate(serialNumber=str(SERIAL))), Opinion.NOT_REVOKED),
        (_answer(_certificate(revocations=[])), Opinion.CONFIRMED),
        (_answer(_certificate(revocations=None)), Opinion.CONFIRMED),
        (_answer(_certificate(valid=False)), Opinion.DENIED),
        (_answer(_certificate(), valid=False), Opinion.DENIED),
        (_answer(_certificate(revocations=[{"revoked": True, "by": "CRL"}]), valid=False), Opinion.REVOKED),
        (_answer(_certificate(revocations=[{"revoked": False}, {"revoked": True}])), Opinion.REVOKED),
        (_answer(_certificate(serialNumber="ab13")), Opinion.NONE),
        (_answer(_certificate(valid="true")), Opinion.NONE),
        (_answer(_certificate(), valid="yes"), Opinion.NONE),
        (_answer(_certificate(revocations=[{"revoked": "no"}])), Opinion.NONE),
        (_answer(_certificate(revocations=["OCSP"])), Opinion.NONE),
        (_answer(_certificate(), _certificate()), Opinion.NONE),
        (_answer(), Opinion.NONE),
        (_answer(signers=None), Opinion.NONE),
        (b"[]", Opinion.NONE),
        (b"true", Opinion.NONE),
        (b"<html>", Opinion.NONE),
        (b"", Opinion.NONE),
    ],
)
def test_only_a_whole_answer_about_this_certificate_is_an_opinion(answer: bytes, opinion: Opinion) -> None:
    assert read_opinion(answer, SERIAL) is opinion
