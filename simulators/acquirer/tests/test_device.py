"""A card is read, encrypted, opened by the host and judged; keys of readers follow the published example."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from protocols.iso8583.crypto import Algorithm
from protocols.iso8583.message import FieldValue
from protocols.iso8583.numbers import Part, write_parts
from protocols.iso8583.pin import pin_block_0
from simulators.acquirer.cards import BY_TITLE, CARDS, READER_KEY
from simulators.acquirer.device import Act, CardReader, Gesture, PinKey, Way
from simulators.acquirer.dukpt import initial_key, operation_key, pin_key
from simulators.acquirer.server import AcquirerSimulator
from simulators.acquirer.tests.terminal import TestTerminal

AMOUNT = 1500_00


def test_keys_of_an_operation_are_those_of_the_published_example() -> None:
    """ANSI X9.24-1:2009, annex A.4: the first operation of the reader FFFF9876543210E."""
    ksn = bytes.fromhex("FFFF9876543210E00001")
    initial = initial_key(READER_KEY, ksn)
    block = pin_block_0(pin_key(operation_key(initial, ksn)), "1234", "4012345678909")

    assert initial.hex().upper() == "6AC292FAA1315B4D858AB3A3D7D5933A"
    assert block.hex().upper() == "1B9C1845EB993A7A"


def fields_of(read: dict[str, Any]) -> dict[str, FieldValue]:
    """As the driver of the terminal puts them into a message."""
    track, ksn, pin, chip = (base64.b64decode(read[name]) for name in ("track", "ksn", "pinBlock", "chip"))
    parts = {Part.KSN: ksn.hex().upper(), Part.TRACK: track.hex().upper(), Part.PIN_BLOCK: pin.hex().upper()}
    found: dict[str, FieldValue] = {"de48": write_parts(parts)}
    return found | ({"de55": chip} if chip else {})


@pytest.fixture
def reader() -> CardReader:
    return CardReader(serial=7)


def pin_key_of(terminal: TestTerminal) -> PinKey:
    keys = terminal.host.terminal(terminal.code).keys
    return PinKey(keys.rule.algorithm, keys.current.pin or keys.pending.pin)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.title)
def test_every_card_is_recognized_by_the_host(
    host: AcquirerSimulator, terminal: TestTerminal, reader: CardReader, card: Any
) -> None:
    read = reader.read(Gesture(card), AMOUNT, pin_key_of(terminal))

    answer = terminal.send(terminal.request(AMOUNT, **fields_of(read)))

    assert answer.text(39) == "00"
    posting = host.ledger.postings[0]
    assert (posting.scheme, posting.masked_number, posting.is_wallet) == (
        card.scheme,
        card.masked_number,
        card.wallet is not None,
    )


def test_a_wrong_pin_is_told_and_the_third_is_the_last(terminal: TestTerminal, reader: CardReader) -> None:
    wrong = Gesture(BY_TITLE["visa"], Act.WRONG_PIN)
    codes = []
    for _ in range(3):
        read = reader.read(wrong, AMOUNT, pin_key_of(terminal))
        codes.append(terminal.code_of(terminal.request(AMOUNT, **fields_of(read))))

    assert codes == ["55", "55", "75"]


def test_what_was_read_for_one_payment_is_good_for_no_other(
    terminal: TestTerminal, reader: CardReader
) -> None:
    read = reader.read(Gesture(way=Way.CONTACTLESS), AMOUNT)

    assert terminal.code_of(terminal.request(AMOUNT + 1, **fields_of(read))) == "88"
    assert terminal.code_of(terminal.request(AMOUNT, **fields_of(read))) == "63"


def test_a_stripe_has_no_chip_data_and_nothing_holds_the_number_in_clear(reader: CardReader) -> None:
    for card in CARDS:
        for way in Way:
            read = reader.read(Gesture(card, way=way), AMOUNT, PinKey(Algorithm.AES, bytes(16)))
            assert bool(read["chip"]) is (way in (Way.CHIP, Way.CONTACTLESS))
            for name in ("track", "chip", "pinBlock", "ksn"):
                data = base64.b64decode(read[name])
                assert card.number.encode() not in data
                assert card.number not in data.hex()
