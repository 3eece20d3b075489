"""Secrets at rest."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.config_sections import SecuritySettings
from kernel.config_values import Secret
from kernel.errors import Fault, SetupFault
from kernel.security.sealed import (
    OVERHEAD_MAX,
    Sealer,
    demand_seal_key,
    key_file,
    parse_keys,
    sealer_for,
)

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
SEALER = Sealer({"k1": OLD})


@given(st.text(max_size=200))
def test_what_is_sealed_opens_again(text: str) -> None:
    sealed = SEALER.seal(text, purpose="here")

    assert SEALER.open(sealed, purpose="here") == text
    assert len(sealed) <= len(text.encode()) * 4 / 3 + OVERHEAD_MAX + 4


def test_the_same_text_is_never_sealed_alike() -> None:
    assert SEALER.seal("token", purpose="here") != SEALER.seal("token", purpose="here")


def test_a_seal_moved_to_another_place_does_not_open() -> None:
    sealed = SEALER.seal("token", purpose="kkm:1")

    with pytest.raises(Fault, match="another place"):
        SEALER.open(sealed, purpose="kkm:2")


def test_a_changed_seal_does_not_open() -> None:
    version, name, body = SEALER.seal("token", purpose="here").split(".")
    raw = bytearray(base64.b64decode(body))
    raw[-1] ^= 1

    for broken in (base64.b64encode(raw).decode(), "!!!", ""):
        with pytest.raises(Fault):
            SEALER.open(f"{version}.{name}.{broken}", purpose="here")


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    sealed = SEALER.seal("token", purpose="here")
    rotated = Sealer({"k2": NEW, "k1": OLD})

    assert rotated.open(sealed, purpose="here") == "token"
    assert rotated.is_stale(sealed)
    assert not rotated.is_stale(rotated.seal("token", purpose="here"))
    with pytest.raises(Fault, match="key we do not have"):
        Sealer({"k2": NEW}).open(sealed, purpose="here")


def test_keys_are_read_with_or_without_names() -> None:
    old, new = base64.b64encode(OLD).decode(), base64.b64encode(NEW).decode()

    assert parse_keys(old) == {"k1": OLD}
    assert list(parse_keys(f"k2:{new}, k1:{old}").items()) == [("k2", NEW), ("k1", OLD)]


@pytest.mark.parametrize("text", ["k1:***", "k1:" + base64.b64encode(b"short").decode(), ""])
def test_a_bad_key_is_a_fault_that_does_not_show_it(text: str) -> None:
    with pytest.raises(Fault) as fault:
        Sealer(parse_keys(text))

    assert not text or text.partition(":")[2] not in str(fault.value)


def test_the_key_file_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "seal.key"

    with ThreadPoolExecutor(4) as threads:
        texts = set(threads.map(lambda _: key_file(path), range(4)))

    assert texts == {key_file(path)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    sealed = sealer_for(SecuritySettings(seal_key_file=str(path))).seal("token", purpose="here")
    assert Sealer(parse_keys(texts.pop())).open(sealed, purpose="here") == "token"


def test_production_makes_no_key_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "seal.key"
    settings = SecuritySettings(seal_key_file=str(path))

    demand_seal_key(settings, is_production=False)
    with pytest.raises(SetupFault, match="no sealing key"):
        demand_seal_key(settings, is_production=True)
    assert not path.exists()

    demand_seal_key(SecuritySettings(Secret("k1:…"), str(path)), is_production=True)
    path.write_text("k1:…")
    demand_seal_key(settings, is_production=True)
