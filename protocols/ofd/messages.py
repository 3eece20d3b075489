"""Bytes to schema objects, with the oddities of old versions; nothing here judges what the objects say."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import cast

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.errors import MalformedMessage

V124 = 124
_Messages = Iterable[descriptor_pb2.DescriptorProto]


def parse_request(payload: bytes, version: int) -> pb.Request:
    """The request in `payload`; for 124 and older an object of the same shape from the older field set.

    Raises MalformedMessage.
    """
    kind = pb.Request if version > V124 else _request_of_124()
    try:
        return kind.FromString(payload)
    except (DecodeError, UnicodeDecodeError) as error:
        raise MalformedMessage("the payload is no request") from error


def parse_response(payload: bytes) -> pb.Response:
    """The response in `payload`. Raises MalformedMessage."""
    try:
        return pb.Response.FromString(payload)
    except (DecodeError, UnicodeDecodeError) as error:
        raise MalformedMessage("the payload is no response") from error


@cache
def _request_of_124() -> type[pb.Request]:
    """The schema with the three fields that header 124 uses otherwise.

    Known from one compiled client only: CloseShiftRequest 5 was a document number, StornoCommodity 8 the
    excise stamp, ExtensionOptions 3 the buyer's IIN/BIN.
    """
    file = descriptor_pb2.FileDescriptorProto()
    pb.DESCRIPTOR.CopyToProto(file)
    file.name, file.package = "protocols/ofd/ofd_124.proto", "sauda.ofd_124"
    _rename(file.message_type)
    text = descriptor_pb2.FieldDescriptorProto.TYPE_STRING
    ticket = _named(file.message_type, "TicketRequest")
    storno = _named(_named(ticket.nested_type, "Item").nested_type, "StornoCommodity")
    _retype(storno, 7, "excise_stamp_later", text)
    _retype(storno, 8, "excise_stamp", text)
    options = _named(ticket.nested_type, "ExtensionOptions")
    _retype(options, 4, "customer_iin_or_bin_later", text)
    _retype(options, 3, "customer_iin_or_bin", text)
    number = descriptor_pb2.FieldDescriptorProto.TYPE_UINT64
    closing = _named(file.message_type, "CloseShiftRequest")
    _retype(closing, 7, "printed_document_number_later", number)
    _retype(closing, 5, "printed_document_number", number)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    request = pool.FindMessageTypeByName("sauda.ofd_124.Request")
    return cast("type[pb.Request]", message_factory.GetMessageClass(request))


def _named(messages: _Messages, name: str) -> descriptor_pb2.DescriptorProto:
    return next(message for message in messages if message.name == name)


def _rename(messages: _Messages) -> None:
    for message in messages:
        for field in message.field:
            if field.type_name:
                field.type_name = field.type_name.replace(".sauda.ofd.", ".sauda.ofd_124.")
        _rename(message.nested_type)


def _retype(message: descriptor_pb2.DescriptorProto, number: int, name: str, kind: int) -> None:
    field = next(f for f in message.field if f.number == number)
    field.name, field.type = name, kind  # type: ignore[assignment]
    field.label = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL
    field.json_name = name
    field.ClearField("type_name")
