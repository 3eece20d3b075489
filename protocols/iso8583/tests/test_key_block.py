"""TR-31: examples of the standard, every key that was wrapped, every character that was changed."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from protocols.iso8583.crypto import Algorithm
from protocols.iso8583.errors import BadKey, BadKeyBlock
from protocols.iso8583.key_block import KeyHeader, Usage, unwrap, wrap

ANY = frozenset(Usage)
PIN = frozenset({Usage.PIN})
# TR-31:2018, annex A.7.2.2 (version B) and A.7.4 (version D)
MASTER_B = bytes.fromhex("DD7515F2BFC17F85CE48F3CA25CB21F6")
BLOCK_B = "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E"
MASTER_D = bytes.fromhex("88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6")
BLOCK_D = (
    "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FC"
    "EA43F810D215F8D207E2E417C07156A27E8E31DA05F7425509593D03A457DC34"
)
KEY = bytes.fromhex("3F419E1CB7079442AA37474C2EFBF8B8")


@pytest.mark.parametrize(("master", "block"), [(MASTER_B, BLOCK_B), (MASTER_D, BLOCK_D)])
def test_blocks_of_the_standard_open(master: bytes, block: str) -> None:
    opened = unwrap(master, block, usages=PIN)

    assert opened.key == KEY
    assert opened.header.usage == Usage.PIN
    assert opened.header.exportability == "E"


def test_the_block_of_the_standard_is_made_to_the_character() -> None:
    header = KeyHeader("D", Usage.PIN, Algorithm.AES, "E", exportability="E")

    assert wrap(MASTER_D, header, KEY, fill=bytes.fromhex("1C2965473CE206BB855B01533782")) == BLOCK_D


masters = st.one_of(
    st.tuples(st.just("B"), st.sampled_from([16, 24])), st.tuples(st.just("D"), st.sampled_from([16, 24, 32]))
)
keys = st.one_of(
    st.tuples(st.just(Algorithm.TDES), st.sampled_from([16, 24])),
    st.tuples(st.just(Algorithm.AES), st.sampled_from([16, 24, 32])),
)


@given(masters, keys, st.sampled_from(list(Usage)), st.data())
def test_every_wrapped_key_comes_back_and_only_for_its_use(
    master: tuple[str, int], kind: tuple[Algorithm, int], usage: Usage, data: st.DataObject
) -> None:
    version, master_size = master
    algorithm, size = kind
    protection = data.draw(st.binary(min_size=master_size, max_size=master_size))
    key = data.draw(st.binary(min_size=size, max_size=size))

    block = wrap(protection, KeyHeader(version, usage, algorithm, "N"), key)

    assert len(block) == int(block[1:5])
    assert unwrap(protection, block, usages=ANY).key == key
    with pytest.raises(BadKeyBlock):
        unwrap(protection, block, usages=ANY - {usage})


@given(
    st.sampled_from([(MASTER_B, BLOCK_B), (MASTER_D, BLOCK_D)]), st.integers(0, 111), st.sampled_from("0A1F")
)
def test_a_block_with_one_changed_character_does_not_open(
    pair: tuple[bytes, str], at: int, character: str
) -> None:
    master, block = pair
    assume(at < len(block) and block[at] != character)

    with pytest.raises(BadKeyBlock):
        unwrap(
            master,
            block[:at] + character + block[at + 1 :],
            usages=ANY | {"P1", "PA", "PF", "A0", "F0", "00"},
        )


@given(
    st.one_of(
        st.text(max_size=120), st.binary(max_size=200).map(lambda raw: f"D0144P0AE00E{raw.hex()}"[:144])
    )
)
def test_garbage_is_refused_with_our_own_error(block: str) -> None:
    for master in (MASTER_B, MASTER_D):
        with pytest.raises(BadKeyBlock):
            unwrap(master, block, usages=ANY)


@pytest.mark.parametrize(
    "block", [BLOCK_B[:-2], BLOCK_B + "00", "A" + BLOCK_B[1:], BLOCK_D[:12] + "01" + BLOCK_D[14:]]
)
def test_blocks_of_other_shapes_are_refused(block: str) -> None:
    with pytest.raises(BadKeyBlock):
        unwrap(MASTER_B, block, usages=ANY)


def test_the_master_key_must_fit_the_version_and_the_key_its_algorithm() -> None:
    with pytest.raises(BadKeyBlock):
        unwrap(MASTER_D, BLOCK_B, usages=ANY)
    with pytest.raises(BadKey):
        wrap(MASTER_B, KeyHeader("B", Usage.PIN, Algorithm.TDES, "E"), b"1" * 8)
