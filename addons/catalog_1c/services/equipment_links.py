"""Equipment links as rows: make and change them, ask for a run, see what a run needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from addons.catalog_1c.domain.commands import ConnectionId
from addons.catalog_1c.domain.device_files import DeviceFormat
from addons.catalog_1c.domain.equipment import (
    FileNames,
    LinkEquipment,
    LinkId,
    LinkSnapshot,
    LinkWay,
    RunLink,
    ServiceAddress,
    TakenWhen,
)
from addons.catalog_1c.models import Connection, EquipmentLink
from addons.catalog_1c.services.exchanges import lane_of
from addons.catalog_1c.services.sessions import check_title, new_connection
from addons.catalog_1c.settings import Catalog1cSettings
from addons.organization.api import register_names
from kernel.config_sections import SecuritySettings
from kernel.data.work import Reader, Work
from kernel.errors import Refusal
from kernel.ids import new_id
from kernel.security.sealed import sealer_for

LINK_TOPIC = "catalog_1c.equipment"  # notices: a link ran or changed
RUN_JOB = "catalog_1c.equipment"
_SELECT = (
    "SELECT l.*, c.title FROM c1c_equipment_link l JOIN c1c_connection c ON c.id = l.connection_id"
    " WHERE l.company_id = ?"
)


async def link_equipment(work: Work, command: LinkEquipment) -> LinkId:
    """Make the link of a connection or change it; the connection is made when it is new.

    Raises the Refusals of LinkEquipment.checked, C1C_CONNECTION_TITLE_WRONG, C1C_LINK_REGISTER,
    C1C_LINK_FOLDER_TAKEN, C1C_LINK_ADDRESS. Another service or another format begins with a full price list.
    """
    command.checked()
    _check_host(work, command)
    if command.register_id is not None:
        known = {register.id for register in await register_names(work)}
        if command.register_id not in known:
            raise Refusal("C1C_LINK_REGISTER", field="registerId")
    title = check_title(command.connection)
    connection = await Connection.get_or_none(title=title) or await new_connection(work, title)
    link = await EquipmentLink.get_or_none(connection_id=connection.id)
    if command.folder:
        others = await EquipmentLink.filter(folder__iexact=command.folder)
        if any(other.connection_id != connection.id for other in others):
            raise Refusal("C1C_LINK_FOLDER_TAKEN", field="folder", value=command.folder)
    is_new = link is None
    if link is None:
        link = EquipmentLink(
            id=new_id(),
            company_id=work.company_id,
            connection_id=connection.id,
            posted="[]",
            trouble_facts="{}",
            created_at=work.now,
        )
    _begin_anew_where_changed(link, command)
    _write_choices(work, link, command)
    link.due_ms = work.now_ms
    await link.save(force_create=is_new, force_update=not is_new)
    await work.audit("catalog_1c.equipment_linked", link.id, {"connection": title, "way": command.way.value})
    work.notice(LINK_TOPIC, link.id)
    return LinkId(link.id)


async def run_link(work: Work, command: RunLink) -> None:
    """Run the link now. Raises Refusals C1C_LINK_UNKNOWN, C1C_LINK_HAS_NO_FOLDER."""
    link = await EquipmentLink.get_or_none(id=command.link_id)
    if link is None:
        raise Refusal("C1C_LINK_UNKNOWN", field="id")
    if link.way is LinkWay.FOLDER and not (link.folder and work.settings(Catalog1cSettings).equipment_folder):
        raise Refusal("C1C_LINK_HAS_NO_FOLDER")
    lane = await work.lane(lane_of(link.connection_id), company_id=work.company_id)
    lane.enqueue(RUN_JOB, {"link": link.id, "again": command.again})


async def link_snapshot(reader: Reader, link_id: str) -> LinkSnapshot | None:
    """The link with its password open; None when there is none."""
    row = await reader.row(f"{_SELECT} AND l.id = ?", reader.company_id, link_id)
    return None if row is None else _snapshot(reader, row)


async def link_of_connection(reader: Reader, title: str) -> LinkSnapshot | None:
    """The link of the 1C base of that name."""
    row = await reader.row(f"{_SELECT} AND c.title = ?", reader.company_id, check_title(title))
    return None if row is None else _snapshot(reader, row)


def _snapshot(reader: Reader, row: Mapping[str, Any]) -> LinkSnapshot:
    way = LinkWay(row["way"])
    service = None
    if way is LinkWay.SERVICE:
        sealed = row["password"]
        sealer = sealer_for(reader.settings(SecuritySettings))
        password = sealer.open(sealed, purpose=_purpose(row["id"])) if sealed else ""
        service = ServiceAddress(row["service_url"], row["device_id"], row["login"], password)
    return LinkSnapshot(
        id=LinkId(row["id"]),
        connection_id=ConnectionId(row["connection_id"]),
        company_id=row["company_id"],
        command=LinkEquipment(
            connection=row["title"],
            format=DeviceFormat(row["format"]),
            way=way,
            folder=row["folder"],
            names=FileNames(row["goods_file"], row["goods_flag"], row["report_file"], row["report_flag"]),
            service=service,
            register_id=row["register_id"],
            encoding=row["encoding"],
            taxes=orjson.loads(row["taxes"]),
            unknown_code=row["unknown_code"],
            mobile_kind=row["mobile_kind"],
            taken_when=TakenWhen(row["taken_when"]),
            every_s=row["every_s"],
            is_enabled=bool(row["is_enabled"]),
            archives_absent=bool(row["archives_absent"]),
        ),
        wants_full=bool(row["wants_full"]),
        transfer_id=row["transfer_id"],
        package_asked=row["package_asked"],
        package_done=row["package_done"],
    )


def _begin_anew_where_changed(link: EquipmentLink, command: LinkEquipment) -> None:
    """What was agreed with another service, or in another format, holds no more."""
    service = command.service
    now = (command.format, command.way, service.url if service else "", service.device_id if service else "")
    if (link.format, link.way, link.service_url, link.device_id) != now:
        link.transfer_id, link.package_asked, link.package_done = "", 0, 0
        link.wants_full, link.posted = True, "[]"


def _write_choices(work: Work, link: EquipmentLink, command: LinkEquipment) -> None:
    link.format, link.way = command.format, command.way
    link.is_enabled, link.every_s = command.is_enabled, command.every_s
    link.register_id, link.encoding = command.register_id, command.encoding
    link.folder = command.folder
    names = command.names
    link.goods_file, link.goods_flag = names.goods, names.goods_flag
    link.report_file, link.report_flag = names.report, names.report_flag
    link.taxes = orjson.dumps(dict(command.taxes)).decode()
    link.unknown_code, link.mobile_kind = command.unknown_code, command.mobile_kind
    link.taken_when, link.archives_absent = command.taken_when, command.archives_absent
    service = command.service or ServiceAddress("", "")
    sealed: str | None = link.password
    if service.password is not None or service.url != link.service_url:
        sealed = None  # a stored password never goes to another address
    if service.password:
        sealer = sealer_for(work.settings(SecuritySettings))
        sealed = sealer.seal(service.password, purpose=_purpose(link.id))
    link.password = sealed  # type: ignore[assignment]
    link.service_url, link.device_id, link.login = service.url, service.device_id, service.login


def _check_host(work: Work, command: LinkEquipment) -> None:
    """On a server of many companies only hosts that its keeper named may be called."""
    allowed = [each.strip().lower() for each in work.settings(Catalog1cSettings).equipment_hosts.split(",")]
    if command.service is None or not any(allowed):
        return
    if command.service.host not in allowed:
        raise Refusal("C1C_LINK_ADDRESS", field="service.url")


def _purpose(link_id: str) -> str:
    return f"catalog_1c.equipment:{link_id}"
