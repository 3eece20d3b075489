"""Files that are no export, and bytes that are no protocol."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from simulators.demo.stage import catalogue_files
from simulators.till import documents
from simulators.till.shop import Till, cash, free_line
from tests.scenarios.stage import Stage, nothing_stored, refusal

EXIT_REFUSED = 3
NOTED = {"c1c_session", "c1c_connection", "kernel_audit"}  # that it was tried, and why it failed
GOODS, OFFERS = (Path(each) for each in catalogue_files())
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
BODY = (
    '<КоммерческаяИнформация ВерсияСхемы="2.08"><Каталог><Товары><Товар><Ид>1</Ид>'
    "{}</Товар></Товары></Каталог></КоммерческаяИнформация>"
)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
GARBAGE = [b"\x00" * 64, b"\xff" * 1_024, b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)) * 8]


def bad_exports() -> dict[str, tuple[bytes, str]]:
    """File name → content and the code it is refused with."""
    whole = GOODS.read_bytes()
    bomb = f'{HEAD}<!DOCTYPE К [<!ENTITY l0 "ха">{LAUGHS}]>{BODY.format("<Наименование>&l8;</Наименование>")}'
    outside = f'{HEAD}<!DOCTYPE К [<!ENTITY f SYSTEM "file:///etc/hostname">]>{BODY.format("&f;")}'
    return {
        "bomb.xml": (bomb.encode(), "C1C_XML_DOCTYPE"),
        "outside.xml": (outside.encode(), "C1C_XML_DOCTYPE"),
        "cut.xml": (whole[: len(whole) // 2], "C1C_XML_CUT"),
        "binary.xml": (bytes(range(256)) * 100, "C1C_XML_BROKEN"),
    }


class BadByteStories:
    """Refused as a whole."""

    IS_TILL_SHARED = True

    async def test_an_export_that_is_cut_or_brings_entities_is_refused_by_the_command(
        self, stage: Stage, till: Till
    ) -> None:
        files = {name: bad_exports()[name] for name in ("bomb.xml", "cut.xml")}
        for name, (content, _) in files.items():
            (stage.house.folder / name).write_bytes(content)

        with nothing_stored(stage, but=NOTED):
            answers = await asyncio.gather(
                *(stage.house.command("import-1c", str(stage.house.folder / name)) for name in files)
            )

        assert [code for code, _ in answers] == [EXIT_REFUSED] * len(files), answers
        for (_, output), (_, code) in zip(answers, files.values(), strict=True):
            assert code in output

    @pytest.mark.parametrize("name", bad_exports())
    async def test_an_upload_that_is_no_export_is_refused_as_a_whole(
        self, stage: Stage, till: Till, name: str
    ) -> None:
        content, code = bad_exports()[name]
        pair = (("offers.xml", OFFERS.read_bytes()), (name, content))
        files = [{"name": each, "base64": base64.b64encode(text).decode()} for each, text in pair]

        with nothing_stored(stage, but=NOTED):
            refused = await refusal(stage.shop.owner.mutate(documents.IMPORT, input={"files": files}))

        assert refused == code

    async def test_garbage_at_the_ports_harms_nobody(self, stage: Stage, till: Till) -> None:
        gateway = urlsplit(stage.house.address).port
        ledger = stage.simulator.ledger
        known = ledger.garbage
        assert stage.house.ofd_port != gateway

        with nothing_stored(stage):
            for content in GARBAGE:
                await say(stage.house.ofd_port, content)
                await say(gateway or 0, content)
        sale = await till.sell([free_line("Нан", "210.00")], [cash("210.00")])

        assert ledger.garbage == known + len(GARBAGE)
        assert sale["state"] == "FISCALIZED"


async def say(port: int, content: bytes) -> bytes:
    """Send bytes; what comes back until the other side hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(content)
    writer.write_eof()
    try:
        return await asyncio.wait_for(reader.read(), 60)
    finally:
        writer.close()
