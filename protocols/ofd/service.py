"""The service part of a request: who the register is, where it stands, since when it was offline."""

from __future__ import annotations

from functools import lru_cache

from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.codes import V203
from protocols.ofd.moments import write_moment
from protocols.ofd.org_info import write_tenant_id
from protocols.ofd.values import NO_SERVICE, OfflinePeriod, Registration, Service, Software

REMEMBERED = 8192  # service parts kept as bytes, one or two per register


@lru_cache(maxsize=REMEMBERED)
def service_bytes(service: Service, version: int) -> bytes:
    """Field 6 of a request with key and length, empty for an empty part; append it to the other fields."""
    if service == NO_SERVICE:
        return b""
    request = pb.Request()
    write_service(request.service, service, version)
    return request.SerializeToString()


def write_service(target: pb.ServiceRequest, service: Service, version: int) -> None:
    """Fill a ServiceRequest; the position is left out before 2.0.3, which does not know it."""
    target.SetInParent()
    if service.geo is not None and version >= V203:
        position = target.security_stats.geo_position
        position.latitude = service.geo.latitude_e4
        position.longitude = service.geo.longitude_e4
        position.source = service.geo.source
    if service.offline_period is not None:
        target.offline_period.MergeFromString(offline_period_bytes(service.offline_period))
    for ad in service.known_ads:
        target.ticket_ad_infos.add(type=ad.type, version=ad.version)  # type: ignore[arg-type]
    if service.asks_registration:
        target.get_reg_info = True
    if service.asks_taxation:
        target.get_binded_taxation = True
    if service.software is not None:
        _write_software(target.software_information, service.software)
    if service.registration is not None:
        info = target.reg_info
        write_kkm(info.kkm, service.registration)
        write_org(info.org, service.registration, version)


def offline_period_bytes(period: OfflinePeriod) -> bytes:
    """An OfflinePeriod."""
    target = pb.ServiceRequest.OfflinePeriod()
    write_moment(target.begin_time, period.begin)
    write_moment(target.end_time, period.end)
    return target.SerializeToString()


def write_kkm(target: pb.KkmRegInfo, registration: Registration) -> None:
    """Fill a KkmRegInfo, which is present even when nothing is known."""
    target.SetInParent()
    if registration.point_of_payment_number:
        target.point_of_payment_number = registration.point_of_payment_number
    if registration.terminal_number:
        target.terminal_number = registration.terminal_number
    if registration.kgd_number:
        target.fns_kkm_id = registration.kgd_number
    if registration.serial_number:
        target.serial_number = registration.serial_number
    if registration.kkm_id:
        target.kkm_id = registration.kkm_id


def write_org(target: pb.OrgRegInfo, registration: Registration, version: int) -> None:
    """Fill an OrgRegInfo; field 6 is the tenant id up to 2.0.2 and the Kazakh address later."""
    target.SetInParent()
    if registration.org_title:
        target.title = registration.org_title
    if registration.org_address:
        target.address = registration.org_address
    if registration.org_bin:
        target.inn = registration.org_bin
    if registration.org_oked:
        target.okved = registration.org_oked
    if registration.org_address_kz and version >= V203:
        target.address_kz = registration.org_address_kz
    if registration.tenant_id is not None and version <= V203:
        write_tenant_id(target, registration.tenant_id, version)


def _write_software(target: pb.ServiceRequest.SoftwareInformation, software: Software) -> None:
    for module in software.modules:
        row = target.module_infos.add(name=module.name, version=module.version)
        if module.build_info:
            row.build_info = module.build_info
    if software.hardware_arch:
        target.hardware_arch = software.hardware_arch
    if software.os_family:
        target.os_family = software.os_family
    if software.os_version:
        target.os_version = software.os_version
    if software.runtime_version:
        target.runtime_version = software.runtime_version
    if software.partner_id is not None:
        target.partner_id = software.partner_id
