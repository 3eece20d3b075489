"""The ledger over HTTP: JSON, the page in three languages, control, the check page behind the QR."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from simulators.ofd.server import OfdSimulator
from simulators.ofd.settings import OfdSettings
from simulators.ofd.tests.till import Till, sale
from simulators.ofd.web import build_web


@pytest.fixture
def till() -> Till:
    return Till(OfdSimulator())


def browser(simulator: OfdSimulator) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(build_web(simulator))
    return httpx.AsyncClient(transport=transport, base_url="http://ofd.test")


@pytest.fixture
async def web(till: Till) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(till.simulator) as client:
        yield client


async def test_the_ledger_tells_what_was_accepted_and_what_was_refused(
    till: Till, web: httpx.AsyncClient
) -> None:
    sign = till.ticket(sale(document_number=17)).sign
    till.ticket(sale(total=1))

    ledger = (await web.get("/ledger")).json()

    register = ledger["registers"][0]
    assert (ledger["accepted"], ledger["violations"]) == (1, [])
    assert (register["drawer"], register["sums"]) == (11600, [0, 0, 11600, 0])
    assert register["shift"] == {"number": 1, "is_open": True, "opened_at": "2026-01-15T10:30:00"}
    assert (register["documents"][0]["sign"], register["documents"][0]["number"]) == (sign, 17)
    assert register["refusals"][0][:2] == [1, 13]
    assert (await web.get("/ledger/1001")).json() == register
    assert (await web.get("/ledger/1001?limit=0")).json()["documents"] == []
    assert (await web.get("/ledger/9")).status_code == 404


@pytest.mark.parametrize(
    ("language", "word"), [("ru", "Смена"), ("kk", "Ауысым"), ("en", "Shift"), ("xx", "Смена")]
)
async def test_the_page_speaks_three_languages_and_needs_nothing_from_elsewhere(
    till: Till, web: httpx.AsyncClient, language: str, word: str
) -> None:
    till.simulator.block(1001, "<b>потому что</b>")

    page = await web.get(f"/?lang={language}")

    assert word in page.text
    assert "&lt;b&gt;потому что" in page.text
    assert 'src="http' not in page.text
    assert "@import" not in page.text


async def test_an_empty_house_says_so() -> None:
    async with browser(OfdSimulator()) as client:
        assert "Касс пока нет" in (await client.get("/")).text


async def test_the_check_page_knows_the_ticket_behind_its_qr(till: Till, web: httpx.AsyncClient) -> None:
    link = till.ticket(sale()).qr

    found = await web.get("/check?" + link.split("?")[1])
    unknown = await web.get("/check?i=1&f=000000001001&s=1.00&t=20260115T103000")

    assert found.status_code == 200
    assert "116,00" in found.text
    assert unknown.status_code == 404
    assert (await web.get("/check")).status_code == 404


async def test_registers_and_faults_by_command(till: Till, web: httpx.AsyncClient) -> None:
    async def post(**command: object) -> tuple[int, dict[str, object]]:
        answer = await web.post("/control", json=command)
        return answer.status_code, answer.json()

    assert (await post(action="register", ofd_id=7, token=8, org_bin="230140000021")) == (
        200,
        {"ofd_id": 7, "kgd_number": "000000000007"},
    )
    assert till.simulator.ledger.account(7).data.org_bin == "230140000021"
    assert (await post(action="fault", kind="code", times=3, code=254, ofd_id=7))[0] == 200
    assert [(f.code, f.times, f.ofd_id) for f in till.simulator.faults.armed] == [(254, 3, 7)]
    assert (await web.get("/ledger")).json()["faults"][0]["kind"] == "code"
    assert (await post(action="clear"))[0] == 200
    assert (await post(action="block", ofd_id=7))[0] == 200
    assert till.simulator.ledger.account(7).is_blocked
    assert (await post(action="unblock", ofd_id=7))[0] == 200
    assert (await post(action="reset_token", ofd_id=7))[1] == {
        "token": till.simulator.ledger.account(7).token
    }
    given = {"action": "reregister", "ofd_id": 7, "org_bin": "230140000021", "org_title": "ТОО «Жаңа»"}
    assert (await post(**given))[1] == {"ofd_id": 7, "org_bin": "230140000021"}
    assert (await post(**{**given, "org_bin": "2301"}))[0] == 400
    assert till.simulator.ledger.account(7).data.org_title == "ТОО «Жаңа»"
    assert (await post(action="refuse"))[0] == (await post(action="accept"))[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"action": "fly"}',
        b'{"action": "block", "ofd_id": 5}',
        b'{"action": "block", "ofd_id": "1001"}',
        b'{"action": "fault", "kind": "flood"}',
        b'{"action": "fault", "times": 2}',
        b'{"action": "fault", "kind": "delay", "times": true}',
        b'{"action": "fault", "kind": "delay", "times": 0}',
        b'{"action": "fault", "kind": "delay", "ms": 5}',
        b'{"action": "register", "ofd_id": 1001, "token": 1}',
        b'{"action": "register", "ofd_id": 5, "token": 1, "colour": "red"}',
        b'{"action": "register", "ofd_id": 5, "token": 1, "latitude_e4": "x"}',
    ],
)
async def test_senseless_commands_are_refused_with_a_reason(
    web: httpx.AsyncClient, till: Till, body: bytes
) -> None:
    answer = await web.post("/control", content=body)

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert not till.simulator.faults.armed
    assert len(till.simulator.ledger.accounts) == 1


async def test_a_control_body_has_a_limit(web: httpx.AsyncClient) -> None:
    assert (await web.post("/control", content=b" " * 70000)).status_code == 413


async def test_the_web_is_served_beside_the_wire_and_links_lead_to_it() -> None:
    simulator = OfdSimulator(OfdSettings(http_port=0))
    till = Till(simulator)
    async with simulator.running() as endpoint:
        link = till.ticket(sale()).qr
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(link)

    assert link.startswith(f"http://127.0.0.1:{endpoint.http_port}/check?i=")
    assert answer.status_code == 200
