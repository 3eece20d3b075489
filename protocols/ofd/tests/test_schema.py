"""The schema: generated files, tables and enums agree; every message of every version survives the wire."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocols.ofd import codes
from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.cardinality import foreign_fields, mark, missing_fields
from protocols.ofd.cardinality_table import CARDINALITY
from protocols.ofd.compile import ROOT, compile_schema
from protocols.ofd.tests.samples import TOP_MESSAGES, complete, messages

VERSIONS = (202, 203, 204)


def every_message() -> dict[str, type[Message]]:
    found: dict[str, type[Message]] = {}
    waiting = list(TOP_MESSAGES.values())
    while waiting:
        kind = waiting.pop()
        found[kind.DESCRIPTOR.full_name.removeprefix("sauda.ofd.")] = kind
        waiting.extend(getattr(kind, nested.name) for nested in kind.DESCRIPTOR.nested_types)
    return found


EVERY = every_message()


@pytest.mark.parametrize("name", ["ofd_pb2.py", "ofd_pb2.pyi"])
def test_committed_code_is_what_the_schema_generates(tmp_path: Path, name: str) -> None:
    pytest.importorskip("grpc_tools")
    compile_schema(tmp_path)

    def body(text: str) -> str:
        skipped = ("# Protobuf Python Version", "    7,", "    35,", "    1,")
        return "\n".join(line for line in text.splitlines() if not line.startswith(skipped))

    fresh = (tmp_path / "protocols/ofd" / name).read_text()

    assert body((ROOT / "protocols/ofd" / name).read_text()) == body(fresh)


def test_the_schema_holds_every_message_of_the_protocol() -> None:
    assert len(EVERY) == 73
    assert sum(len(kind.DESCRIPTOR.fields) for kind in EVERY.values()) == 339


def test_every_field_is_optional_and_no_list_is_packed() -> None:
    for kind in EVERY.values():
        for field in kind.DESCRIPTOR.fields:
            assert not field.is_required, field.full_name
            assert not field.is_packed, field.full_name


def test_the_cardinality_table_names_only_real_fields_and_marks() -> None:
    for name, groups in CARDINALITY.items():
        fields = set(EVERY[name].DESCRIPTOR.fields_by_name)
        listed = [field for text in groups.values() for field in text.split()]

        assert set(listed) <= fields, name
        assert len(listed) == len(set(listed)), name
        assert all(len(triple) == 3 and set(triple) <= set("RO*-") for triple in groups), name


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (codes.Command, pb.CommandType),
        (codes.Operation, pb.OperationType),
        (codes.PaymentType, pb.PaymentType),
        (codes.DomainType, pb.DomainType),
        (codes.CommodityType, pb.CommodityType),
        (codes.PlacementType, pb.PlacementType),
        (codes.ReportType, pb.ReportType),
        (codes.AdType, pb.AdType),
    ],
)
def test_our_enums_have_the_numbers_of_the_schema(ours, theirs) -> None:  # type: ignore[no-untyped-def]
    prefixed = {name.split("_", 1)[1]: number for name, number in theirs.items()}

    assert {member.name: member.value for member in ours} == prefixed


@pytest.mark.parametrize("version", VERSIONS)
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_message_of_any_version_survives_the_wire(version: int, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TOP_MESSAGES)))
    message = data.draw(messages(name, version))

    bytes_sent = message.SerializeToString()
    received = TOP_MESSAGES[name].FromString(bytes_sent)

    assert received == message
    assert received.SerializeToString() == bytes_sent
    assert foreign_fields(received, version) == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", sorted(EVERY))
def test_every_required_field_is_missed_when_absent(name: str, version: int) -> None:
    message = complete(EVERY[name](), version)
    assert [path for path in missing_fields(message, version) if "." not in path] == []
    assert foreign_fields(message, version) == []

    for field in message.DESCRIPTOR.fields:
        without = EVERY[name].FromString(message.SerializeToString())
        without.ClearField(field.name)
        is_missed = field.name in missing_fields(without, version)
        if name != "Request":
            assert is_missed == (mark(name, field.name, version) == "R"), field.name


def test_a_field_the_version_does_not_know_is_named_by_its_path() -> None:
    request = pb.Request(command=pb.COMMAND_TICKET)
    request.ticket.items.add(type=pb.ITEM_COMMODITY).commodity.ntin = "0200000000000"
    request.ticket.parent_ticket.parent_ticket_number = "1"

    assert foreign_fields(request, 202) == [
        "ticket.items.0.commodity.ntin",
        "ticket.parent_ticket",
        "ticket.parent_ticket.parent_ticket_number",
    ]
    assert foreign_fields(request, 203) == []


def test_zero_values_of_required_fields_are_on_the_wire() -> None:
    money = pb.Money(bills=0, coins=0)

    assert money.SerializeToString() == bytes.fromhex("08001000")
