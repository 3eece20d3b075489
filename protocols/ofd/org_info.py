"""OrgRegInfo field 6, whose wire type depends on the version: tenant id up to 2.0.2, Kazakh address later."""

from __future__ import annotations

from google.protobuf.unknown_fields import UnknownFieldSet

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.codes import V203

_FIELD = 6
_KEY = bytes(((_FIELD << 3) | 0,))


def write_tenant_id(org: pb.OrgRegInfo, tenant_id: int, version: int) -> None:
    """Put the tenant id where the version keeps it: field 6 as a varint, or field 7 in 2.0.3."""
    if version >= V203:
        org.tenant_id = tenant_id
        return
    value = tenant_id & 0xFFFF_FFFF_FFFF_FFFF  # int32 travels sign-extended to 64 bits
    encoded = bytearray(_KEY)
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    org.MergeFromString(bytes(encoded))


def read_tenant_id(org: pb.OrgRegInfo, version: int) -> int | None:
    """The tenant id, None when it is absent or field 6 has another wire type than the version promises."""
    if version >= V203:
        return org.tenant_id if org.HasField("tenant_id") else None
    for field in UnknownFieldSet(org):  # type: ignore[attr-defined]  # the stub forgets that it iterates
        if field.field_number == _FIELD and field.wire_type == 0:
            value = int(field.data)
            return value - (1 << 64) if value >> 63 else value
    return None


def read_address_kz(org: pb.OrgRegInfo, version: int) -> str:
    """The Kazakh address, empty when absent; 2.0.2 has none, whatever stands in field 6."""
    return org.address_kz if version >= V203 else ""
