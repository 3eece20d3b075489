"""Known answers of public standards, and the same results computed another way."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from hypothesis import given
from hypothesis import strategies as st

from protocols.iso8583.crypto import (
    Algorithm,
    MacRule,
    check_value,
    cmac,
    combined,
    encrypt_block,
    is_odd_parity,
    mac,
    with_odd_parity,
)
from protocols.iso8583.errors import BadKey, WireError
from protocols.iso8583.pin import open_pin_block_0, open_pin_block_4, pin_block_0, pin_block_4

KEY_LEFT = bytes.fromhex("0123456789ABCDEF")
KEY_PAIR = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
CMAC_KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")


def test_single_des_gives_the_known_answer_of_sp_800_17() -> None:
    assert encrypt_block(Algorithm.TDES, KEY_LEFT, b"Now is t").hex() == "3fa40e8a984d4815"


@pytest.mark.parametrize(
    ("rule", "key", "text", "expected"),
    [
        (MacRule.X9_9, KEY_LEFT, b"Now is the time for all ", "70a30640cc76dd8b"),
        (MacRule.X9_9, KEY_LEFT, b"Now is the time for it", "e45b3ad2b7cc0856"),
        (MacRule.X9_19, KEY_PAIR, b"Now is the time for all ", "a1c72e74ea3fa9b6"),
        (MacRule.X9_19, KEY_PAIR, b"Now is the time for it", "2e2b1428cc78254f"),
    ],
)
def test_macs_are_those_of_iso_9797_1_annex_b(rule: MacRule, key: bytes, text: bytes, expected: str) -> None:
    assert mac(rule, key, text).hex() == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "bb1d6929e95937287fa37d129b756746"),
        (16, "070a16b46b4d4144f79bdd9dd04a287c"),
        (40, "dfa66747de9ae63030ca32611497c827"),
        (64, "51f0bebf7e3b9d92fc49741779363cfe"),
    ],
)
def test_cmac_is_that_of_rfc_4493(size: int, expected: str) -> None:
    text = bytes.fromhex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
    )

    assert cmac(Algorithm.AES, CMAC_KEY, text[:size]).hex() == expected
    assert mac(MacRule.CMAC, CMAC_KEY, text[:size]).hex() == expected[:16]


@given(st.binary(min_size=16, max_size=16))
def test_check_value_of_an_aes_key_follows_from_the_subkey_of_rfc_4493(key: bytes) -> None:
    # CMAC of one whole block of zeros is E(K1), and K1 is E(0) doubled in GF(2^128)
    def encrypt(block: bytes) -> bytes:
        cipher = Cipher(AES(key), modes.ECB()).encryptor()
        return cipher.update(block) + cipher.finalize()

    doubled = int.from_bytes(encrypt(bytes(16)), "big") << 1
    subkey = (doubled ^ (0x87 if doubled >> 128 else 0)) & ((1 << 128) - 1)

    assert check_value(Algorithm.AES, key) == encrypt(subkey.to_bytes(16, "big"))[:3].hex().upper()


def test_check_value_of_a_tdes_key_is_zeros_encrypted() -> None:
    # The best-known one of the trade: 08D7B4 belongs to 0123…3210; two equal halves are single DES
    assert check_value(Algorithm.TDES, KEY_PAIR) == "08D7B4"
    assert check_value(Algorithm.TDES, KEY_LEFT) == check_value(Algorithm.TDES, KEY_LEFT * 2) == "D5D44F"


def test_pin_block_0_before_encryption_is_pin_xor_card() -> None:
    # PIN 1234, card 43219876543210987: 0412AC89ABCDEF67 (the worked example of ISO 9564 in its own article)
    block = pin_block_0(KEY_PAIR, "1234", "43219876543210987")

    assert block == encrypt_block(Algorithm.TDES, KEY_PAIR, bytes.fromhex("0412AC89ABCDEF67"))
    assert open_pin_block_0(KEY_PAIR, block, "43219876543210987") == "1234"


def test_pin_block_4_is_that_of_x9_24_3() -> None:
    key = bytes.fromhex("AF8CB133A78F8DC2D1359F18527593FB")

    block = pin_block_4(key, "1234", "4111111111111111", fill=bytes.fromhex("2F69ADDE2E9E7ACE"))

    assert block.hex().upper() == "A912150391AB65A67E52883D81CE2D15"
    assert open_pin_block_4(key, block, "4111111111111111") == "1234"


digits = st.text("0123456789", min_size=12, max_size=19)


@given(st.text("0123456789", min_size=4, max_size=12), digits, st.binary(min_size=16, max_size=16))
def test_a_pin_block_opens_only_for_its_card(pin: str, pan: str, key: bytes) -> None:
    other = pan[:-3] + str(9 - int(pan[-3])) + pan[-2:]

    assert open_pin_block_0(key, pin_block_0(key, pin, pan), pan) == pin
    assert open_pin_block_4(key, pin_block_4(key, pin, pan), pan) == pin
    with pytest.raises(WireError):
        assert open_pin_block_4(key, pin_block_4(key, pin, pan), other) == "a PIN of another card"


@pytest.mark.parametrize("block", [b"", b"\0" * 7, b"\0" * 15, b"\xff" * 16])
def test_garbage_is_no_pin_block(block: bytes) -> None:
    for opened in (open_pin_block_0, open_pin_block_4):
        with pytest.raises(WireError):
            opened(KEY_PAIR, block, "4111111111111111")


@pytest.mark.parametrize(("pin", "pan"), [("123", "4" * 16), ("12a4", "4" * 16), ("1234", "4" * 11)])
def test_what_is_no_pin_or_card_is_refused(pin: str, pan: str) -> None:
    for made in (pin_block_0, pin_block_4):
        with pytest.raises(WireError):
            made(KEY_PAIR, pin, pan)


@given(st.lists(st.binary(min_size=16, max_size=16), min_size=2, max_size=3))
def test_components_make_the_key_in_any_order_and_give_back_each_other(parts: list[bytes]) -> None:
    key = combined(parts)

    assert combined(parts[::-1]) == key
    assert combined([key, *parts[1:]]) == parts[0]


@pytest.mark.parametrize("parts", [[], [b"1" * 16], [b"1" * 16, b"1" * 24]])
def test_one_component_or_unequal_ones_make_no_key(parts: list[bytes]) -> None:
    with pytest.raises(BadKey):
        combined(parts)


@given(st.binary(min_size=16, max_size=16))
def test_parity_bits_do_not_matter_to_the_cipher(key: bytes) -> None:
    odd = with_odd_parity(key)

    assert is_odd_parity(odd)
    assert check_value(Algorithm.TDES, odd) == check_value(Algorithm.TDES, key)


@pytest.mark.parametrize("rule", list(MacRule))
@pytest.mark.parametrize("size", [0, 5, 15, 33])
def test_a_key_of_a_wrong_length_is_refused_and_not_shown(rule: MacRule, size: int) -> None:
    with pytest.raises(BadKey) as caught:
        mac(rule, b"K" * size, b"text")

    assert "KKK" not in str(caught.value)
