"""A register looks at itself: one list of ticks and crosses, told in three languages."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from addons.fiscal_kz.adapters import sntp
from addons.fiscal_kz.adapters.ofd_door import OfdDoor
from addons.fiscal_kz.domain.ways import Tls, Way
from addons.fiscal_kz.services import doctor
from addons.fiscal_kz.services import self_test as subject
from addons.fiscal_kz.services.doctor import check_registers
from addons.fiscal_kz.services.ports import OfdLost
from addons.fiscal_kz.services.self_test import TEXTS_FILE, Finding, SelfCheck
from addons.fiscal_kz.tests.shop import Shop, open_shop
from addons.fiscal_kz.tests.test_ofd_ways import NAME, make_certificate
from addons.organization.api import Severity, report_status
from kernel.clock import to_ms
from kernel.data.work import Work
from kernel.doctor_finding import Level
from kernel.errors import Refusal
from kernel.gql.ids import to_global
from kernel.i18n import LANGUAGES, incomplete, read_texts
from kernel.ids import new_id
from kernel.security.principal import Principal, PrincipalKind
from kernel.testing.app import OPENING_DAY
from simulators.ofd.server import OfdSimulator
from simulators.sntp.server import SntpStandIn

SELF_TEST = """query($id: ID!) { selfTest(registerId: $id) { isGood canWork
  lines { check title isGood severity code message nextAction tookMs } } }"""


class Usage(NamedTuple):
    free: int


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    """A shop whose OFD's door is a real one."""
    async with OfdSimulator().running() as door:
        profiles = [f"simulator;{door.host}:{door.port};OFD;http://ofd/check;simulator"]
        async with open_shop(profiles=profiles) as opened:
            yield opened


async def look(shop: Shop) -> Any:
    """The list by check, and the whole."""
    found = await shop.ask(SELF_TEST, id=to_global("Register", shop.register_id))
    return {line["check"]: line for line in found["lines"]}, found


async def test_a_sound_register_has_ticks_only_and_says_how_fast_the_ofd_is(shop: Shop) -> None:
    await shop.sell()

    lines, found = await look(shop)

    assert list(lines) == [check.name for check in SelfCheck]
    assert (found["isGood"], found["canWork"]) == (True, True), found
    assert {line["code"] for line in found["lines"]} == {"OK"}
    assert lines["OFD"]["title"] == "Связь с ОФД"
    assert lines["OFD"]["message"].startswith("Соединение за ")
    assert "{" not in "".join(line["message"] for line in found["lines"])


async def test_a_changed_entry_of_the_journal_is_a_cross_that_names_it(shop: Shop) -> None:
    await shop.sell()
    with closing(sqlite3.connect(shop.app.database.url.path)) as connection, connection:
        connection.execute("UPDATE kernel_journal SET body = body || ' ' WHERE seq = 3")

    lines, found = await look(shop)

    assert (lines["STORE"]["code"], lines["STORE"]["severity"]) == ("JOURNAL_BROKEN", "ERROR")
    assert "3" in lines["STORE"]["message"]
    assert lines["STORE"]["nextAction"]
    assert (found["isGood"], found["canWork"]) == (False, False)


async def test_without_the_ofd_the_register_works_on_with_a_warning() -> None:
    profiles = ["simulator;127.0.0.1:1;OFD;http://ofd/check;simulator"]
    async with open_shop(profiles=profiles) as shop:
        lines, found = await look(shop)

    assert (lines["OFD"]["code"], lines["OFD"]["severity"]) == ("OFD_SILENT", "WARNING")
    assert (found["isGood"], found["canWork"]) == (False, True)


async def test_an_undelivered_document_and_a_block_are_seen(shop: Shop) -> None:
    shop.ofd.script.append(OfdLost(may_have_arrived=False, reason="refused"))
    await shop.sell()
    offline, _ = await look(shop)
    shop.clock.advance(timedelta(seconds=61))
    shop.ofd.script.append(15)
    await shop.work()
    blocked, found = await look(shop)

    assert offline["OFD"]["code"] == "KKM_OFFLINE"
    assert blocked["KKM"]["code"] == "KKM_BLOCKED_BY_OFD"
    assert not found["canWork"]


async def test_a_register_without_a_kkm_says_so() -> None:
    async with open_shop(is_active=False) as shop:
        lines, found = await look(shop)

    assert [lines[check]["code"] for check in ("STORE", "KKM", "OFD")] == ["OK", *["KKM_NOT_ACTIVE"] * 2]
    assert not found["canWork"]


async def test_a_clock_behind_a_full_disk_and_a_printer_without_paper_are_crosses(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.sell()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(123_000_000))

    async def spoil(work: Work) -> None:
        await work.execute("UPDATE fkz_kkm SET last_document_ms = last_document_ms + 7200000")
        await report_status(
            work,
            shop.register_id,
            source="delivery.printer",
            severity=Severity.WARNING,
            code="PRINTER_NO_PAPER",
            since_ms=work.now_ms,
        )

    await shop.app.database.transact(spoil, principal=shop.owner)

    lines, _ = await look(shop)

    assert lines["CLOCK"]["code"] == "KKM_CLOCK_BEHIND"
    assert (lines["DISK"]["code"], lines["DISK"]["message"]) == (
        "DISK_ALMOST_FULL",
        "На диске сервера осталось 0.1 ГБ.",
    )
    assert (lines["PRINTER"]["code"], lines["PRINTER"]["isGood"]) == ("PRINTER_NO_PAPER", False)
    assert lines["TERMINAL"]["isGood"]


@pytest.mark.parametrize(
    ("ahead_s", "code", "severity"),
    [
        (0, "OK", "OK"),
        (-61, "KKM_CLOCK_DRIFTS", "WARNING"),
        (601, "KKM_CLOCK_WRONG", "ERROR"),
        (None, "TIME_SERVER_SILENT", "WARNING"),
    ],
)
async def test_a_time_server_that_is_switched_on_is_asked(
    ahead_s: int | None, code: str, severity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sntp, "TIMEOUT_S", 0.2)
    stand_in = SntpStandIn(
        offset_ms=-1_000 * (ahead_s or 0), now_ms=to_ms(OPENING_DAY), is_silent=ahead_s is None
    )
    async with stand_in.running() as (host, port), open_shop(time_server=f"{host}:{port}") as shop:
        clock = (await look(shop))[0]["CLOCK"]

    assert (clock["code"], clock["severity"]) == (code, severity)
    assert stand_in.asked == 1
    assert bool(clock["nextAction"]) == (code != "OK")
    if code == "OK":
        assert clock["message"].startswith("Отличие от сервера времени: ")


async def test_a_clock_the_ofd_has_proved_wrong_is_a_cross(shop: Shop) -> None:
    async def put_back(work: Work) -> None:
        await work.execute("UPDATE fkz_kkm SET clock_drift_ms = -3600000")

    await shop.app.database.transact(put_back, principal=shop.owner)

    assert (await look(shop))[0]["CLOCK"]["code"] == "KKM_CLOCK_WRONG"


async def test_an_ofd_whose_certificate_is_not_trusted_is_told_and_believed_nothing(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    async with OfdSimulator(tls=certificate.server).running() as door:
        profiles = [f"simulator;{door.host}:{door.port};OFD;http://ofd/check;simulator;tls"]
        async with open_shop(profiles=profiles, is_active=False) as shop:
            shop.ofd.script.append(OfdLost(may_have_arrived=False, reason="certificate"))
            await shop.activate()
            refused = (await shop.life())["refusal"]
            await shop.activate()
            lines, found = await look(shop)

    assert refused["code"] == "OFD_CERTIFICATE_WRONG"
    assert (lines["OFD"]["code"], lines["OFD"]["severity"]) == ("OFD_CERTIFICATE_WRONG", "WARNING")
    assert lines["OFD"]["nextAction"]
    assert found["canWork"]


async def test_the_doctor_has_a_line_for_each_register(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.sell()
    (well,) = await check_registers(shop.app.database)
    shop.ofd.script.append(15)
    await shop.sell()
    (blocked,) = await check_registers(shop.app.database)
    monkeypatch.setattr(doctor, "REGISTERS_MAX", 0)
    (counted,) = await check_registers(shop.app.database)

    assert (well.level, well.text) == (Level.OK, "ТОО «Көрме», 1 «Касса 1»: 7 checks, all well")
    assert (blocked.level, bool(blocked.remedy)) == (Level.FAIL, True)
    assert "KKM: The OFD has blocked the KKM." in blocked.text
    assert counted.text == "1 more are not looked at"


async def test_another_register_is_not_looked_at(shop: Shop) -> None:
    stranger = Principal(
        PrincipalKind.OPERATOR, "x", shop.company_id, frozenset({"fiscal_kz.view"}), frozenset({new_id()})
    )

    with pytest.raises(Refusal, match="REGISTER_FORBIDDEN"):
        await subject.self_test(shop.app.database, stranger, shop.register_id)
    with pytest.raises(Refusal, match="REGISTER_UNKNOWN"):
        await subject.self_test(shop.app.database, shop.owner, new_id())


def test_every_check_has_its_texts() -> None:
    table = read_texts(TEXTS_FILE)

    said = {"CLOCK_MEASURED", "TERMINAL_READY"}
    assert set(table) == {*SelfCheck, *(f"{check}_OK" for check in SelfCheck), *said}
    assert not incomplete(table)
    assert len({Finding(SelfCheck.DISK).title(language) for language in LANGUAGES}) == 3


async def test_a_door_with_a_certificate_nobody_knows_stays_shut(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    async with OfdSimulator(tls=certificate.server).running() as door:
        address = (door.host, door.port)
        known = Tls(str(certificate.path), NAME)

        assert await OfdDoor().knock(Way((address,), known), wait_s=3) is None
        assert await OfdDoor().knock(Way((address,), Tls()), wait_s=3) == "certificate"
        assert await OfdDoor().knock(Way((("127.0.0.1", 1), address), known), wait_s=6) is None
