"""GraphQL types of equipment links and their reports. Annotations are real: Strawberry reads them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import orjson
import strawberry

from addons.catalog_1c.domain.device_files import DeviceFormat
from addons.catalog_1c.domain.device_reports import MOBILE_KIND, UNKNOWN_CODE
from addons.catalog_1c.domain.equipment import (
    EVERY_S,
    FILE_NAMES,
    SERVICE_EVERY_S,
    FileNames,
    LinkEquipment,
    LinkWay,
    ReportState,
    ServiceAddress,
    TakenWhen,
)
from kernel.clock import from_ms
from kernel.data.work import Reader
from kernel.errors import Refusal
from kernel.gql.context import GqlContext
from kernel.gql.ids import from_global_or_none, to_global
from kernel.gql.node import Node
from kernel.gql.refusals import Refused, refused
from kernel.gql.scalars import DateTime

strawberry.enum(
    DeviceFormat,
    name="EquipmentFormat",
    description="Format of files: text of ATOL and Frontol, text of Shtrih-M, XML of EquipmentService.",
)
strawberry.enum(
    LinkWay, name="EquipmentWay", description="How files travel: in a folder, or by 1C's service."
)
strawberry.enum(
    TakenWhen, name="EquipmentReportTakenWhen", description="How we see that 1C has taken a report file."
)
strawberry.enum(
    ReportState,
    name="EquipmentReportState",
    description="How a report stands. PLANNED: it may have left or not. LOST: its file went away unmarked. "
    "REPLACED: told again under another number, because somebody asked.",
)

SELECT_LINK = "SELECT l.*, c.title FROM c1c_equipment_link l JOIN c1c_connection c ON c.id = l.connection_id"
SELECT_REPORT = (
    "SELECT r.id, r.link_id, r.number, r.state, r.shifts, r.receipts, r.unknown_lines, r.purchases,"
    " r.left_out, r.created_ms, r.taken_ms FROM c1c_equipment_report r"
)


async def link_by_id(reader: Reader, keys: Sequence[str]) -> list[Any]:
    """Rows of links of the reader's company; None for others."""
    return await _by_id(reader, f"{SELECT_LINK} WHERE l.company_id = ? AND l.id IN", keys)


async def report_by_id(reader: Reader, keys: Sequence[str]) -> list[Any]:
    """Rows of reports of the reader's company; None for others."""
    return await _by_id(reader, f"{SELECT_REPORT} WHERE r.company_id = ? AND r.id IN", keys)


async def _by_id(reader: Reader, select: str, keys: Sequence[str]) -> list[Any]:
    rows = await reader.rows(f"{select} ({', '.join('?' * len(keys))})", reader.company_id, *keys)
    found = {row["id"]: row for row in rows}
    return [found.get(key) for key in keys]


@strawberry.type(description="What the number of a tax group means in files of 1C.")
class EquipmentTaxGroup:
    group: str = strawberry.field(description="Number of the group in the file.")
    rate: str = strawberry.field(description="Rate of VAT: `16`, `5`, `0`, `Без НДС`.")


@strawberry.type(
    name="EquipmentLink",
    description="A 1C base that sees this company as a piece of its equipment (an offline register): goods "
    "come and sales go back in its formats.",
)
class EquipmentLinkType(Node):
    node_permission: ClassVar[str | None] = "catalog_1c.view"

    connection: str = strawberry.field(description="Name of the 1C base.")
    format: DeviceFormat = strawberry.field(description="Format of the files.")
    way: LinkWay = strawberry.field(description="How they travel.")
    is_enabled: bool = strawberry.field(description="Whether the server runs it by itself.")
    every_seconds: int = strawberry.field(description="How often.")
    register_id: strawberry.ID | None = strawberry.field(
        description="Register whose sales go back; null for all."
    )
    folder: str = strawberry.field(description="Folder of the link; empty: only commands run it.")
    goods_file: str = strawberry.field(description="Name of the file with goods.")
    goods_flag: str = strawberry.field(description="Name of its flag file; empty: none is used.")
    report_file: str = strawberry.field(description="Name of the report of sales.")
    report_flag: str = strawberry.field(description="Name of the file by which 1C asks for a report.")
    encoding: str = strawberry.field(description="Encoding of the files; empty: found by itself.")
    taxes: list[EquipmentTaxGroup] = strawberry.field(description="What tax groups mean.")
    unknown_code: str = strawberry.field(description="Code told for goods that are not from this base.")
    mobile_kind: int = strawberry.field(description="Number of the kind of payment for mobile payments.")
    taken_when: TakenWhen = strawberry.field(description="How we see that 1C has taken a report.")
    archives_absent: bool = strawberry.field(
        description="Whether goods that a full load does not name go out of sale."
    )
    service_url: str = strawberry.field(description="Address of the EquipmentService.")
    device_id: str = strawberry.field(description="Our identifier there.")
    login: str = strawberry.field(description="User of the service.")
    has_password: bool = strawberry.field(description="Whether a password is stored; it is never shown.")
    trouble: Refused | None = strawberry.field(description="What stands in the way since the last run.")
    ran_at: DateTime | None = strawberry.field(description="When it ran last.")

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Any:
        row = await context.loader("catalog_1c.equipment_link_by_id").load(key)
        return None if row is None else link_type(row, context.language)


def link_type(row: Mapping[str, Any], language: str) -> EquipmentLinkType:
    """The type of a row of SELECT_LINK."""
    trouble = None
    if row["trouble_code"]:
        trouble = refused(Refusal(row["trouble_code"], **orjson.loads(row["trouble_facts"])), language)
    return EquipmentLinkType(
        key=row["id"],
        connection=row["title"],
        format=DeviceFormat(row["format"]),
        way=LinkWay(row["way"]),
        is_enabled=bool(row["is_enabled"]),
        every_seconds=row["every_s"],
        register_id=None if row["register_id"] is None else to_global("Register", row["register_id"]),
        folder=row["folder"],
        goods_file=row["goods_file"],
        goods_flag=row["goods_flag"],
        report_file=row["report_file"],
        report_flag=row["report_flag"],
        encoding=row["encoding"],
        taxes=[
            EquipmentTaxGroup(group=group, rate=rate) for group, rate in orjson.loads(row["taxes"]).items()
        ],
        unknown_code=row["unknown_code"],
        mobile_kind=row["mobile_kind"],
        taken_when=TakenWhen(row["taken_when"]),
        archives_absent=bool(row["archives_absent"]),
        service_url=row["service_url"],
        device_id=row["device_id"],
        login=row["login"],
        has_password=row["password"] is not None,
        trouble=trouble,
        ran_at=None if row["ran_ms"] is None else from_ms(row["ran_ms"]),
    )


@strawberry.type(name="EquipmentReport", description="One report of sales of an equipment link.")
class EquipmentReportType(Node):
    node_permission: ClassVar[str | None] = "catalog_1c.view"

    number: int = strawberry.field(description="Number of the report; 1C shows it.")
    state: ReportState = strawberry.field(description="How it stands.")
    shifts: int = strawberry.field(description="Closed shifts it tells of.")
    receipts: int = strawberry.field(description="Receipts in them.")
    unknown_lines: int = strawberry.field(description="Positions of goods that are not from this 1C base.")
    purchases: int = strawberry.field(description="Purchases left out: the format has no word for them.")
    left_out: int = strawberry.field(description="Shifts left out because their register only tests.")
    created_at: DateTime = strawberry.field(description="When it was planned.")
    taken_at: DateTime | None = strawberry.field(description="When 1C had it.")

    @classmethod
    async def load(cls, context: GqlContext, key: str) -> Any:
        row = await context.loader("catalog_1c.equipment_report_by_id").load(key)
        return None if row is None else report_type(row)


def report_type(row: Mapping[str, Any]) -> EquipmentReportType:
    """The type of a row of SELECT_REPORT."""
    return EquipmentReportType(
        key=row["id"],
        number=row["number"],
        state=ReportState(row["state"]),
        shifts=row["shifts"],
        receipts=row["receipts"],
        unknown_lines=row["unknown_lines"],
        purchases=row["purchases"],
        left_out=row["left_out"],
        created_at=from_ms(row["created_ms"]),
        taken_at=None if row["taken_ms"] is None else from_ms(row["taken_ms"]),
    )


@strawberry.input(description="What the number of a tax group means.")
class EquipmentTaxGroupInput:
    group: str = strawberry.field(description="Number of the group in the file.")
    rate: str = strawberry.field(description="Rate of VAT: `16`, `5`, `0`, `Без НДС`.")


@strawberry.input(description="Names of files in the folder. Latin letters, digits, dots and dashes.")
class EquipmentFilesInput:
    goods: str | None = strawberry.field(default=None, description="Goods; left out: the usual name.")
    goods_flag: str | None = strawberry.field(
        default=None, description="Its flag; empty: none, the file is read once nobody writes to it any more."
    )
    report: str | None = strawberry.field(default=None, description="Report of sales.")
    report_flag: str | None = strawberry.field(default=None, description="By which 1C asks for a report.")

    def names(self, format: DeviceFormat) -> FileNames:
        """With the usual names in the gaps."""
        usual = FILE_NAMES[format]
        return FileNames(
            goods=usual.goods if self.goods is None else self.goods,
            goods_flag=usual.goods_flag if self.goods_flag is None else self.goods_flag,
            report=usual.report if self.report is None else self.report,
            report_flag=usual.report_flag if self.report_flag is None else self.report_flag,
        )


@strawberry.input(description="Where the EquipmentService of 1C is and who we are there.")
class EquipmentServiceInput:
    url: str = strawberry.field(
        description="Address: `https://1c.example.kz/retail/ws/EquipmentService.1cws`."
    )
    device_id: str = strawberry.field(description="Our identifier among the equipment of 1C.")
    login: str = strawberry.field(default="", description="User of the service.")
    password: str | None = strawberry.field(
        default=None,
        description="Its password; left out: the stored one, as long as the address is the same.",
    )

    def address(self) -> ServiceAddress:
        """As a command's value."""
        return ServiceAddress(self.url.strip(), self.device_id.strip(), self.login, self.password)


@strawberry.input(description="How a 1C base treats us as its equipment.")
class LinkEquipmentInput:
    connection: str = strawberry.field(description="Name of the 1C base; made when it is new.")
    format: DeviceFormat = strawberry.field(description="Format of the files.")
    way: LinkWay = strawberry.field(default=LinkWay.FOLDER, description="How they travel.")
    folder: str = strawberry.field(
        default="", description="Folder of the link on the server; empty: only commands run it."
    )
    files: EquipmentFilesInput | None = strawberry.field(
        default=None, description="Names of files; left out: the usual ones."
    )
    service: EquipmentServiceInput | None = strawberry.field(default=None, description="For the way SERVICE.")
    register_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Whose sales go back. Text formats need one: for 1C such a file is one register.",
    )
    encoding: str = strawberry.field(
        default="", description="`cp1251`, `cp866`, `utf-8`; empty: found by itself."
    )
    taxes: list[EquipmentTaxGroupInput] = strawberry.field(
        default_factory=list, description="What tax groups mean; tables inside a file go first."
    )
    unknown_code: str = strawberry.field(
        default=UNKNOWN_CODE, description="Code told for goods that are not from this base."
    )
    mobile_kind: int = strawberry.field(
        default=MOBILE_KIND, description="Number of the kind of payment for mobile payments."
    )
    taken_when: TakenWhen = strawberry.field(
        default=TakenWhen.MARKED, description="How we see that 1C has taken a report."
    )
    every_seconds: int | None = strawberry.field(
        default=None,
        description=f"How often the server runs it; left out: {EVERY_S}, or {SERVICE_EVERY_S} for a service.",
    )
    is_enabled: bool = strawberry.field(default=True, description="Whether the server runs it by itself.")
    archives_absent: bool = strawberry.field(
        default=False,
        description="Whether goods that a full load in a file does not name go out of sale; none goes when "
        "they are more than a tenth.",
    )

    def command(self) -> LinkEquipment:
        """As a command."""
        service = self.service
        return LinkEquipment(
            connection=self.connection,
            format=self.format,
            way=self.way,
            folder=self.folder.strip(),
            names=(self.files or EquipmentFilesInput()).names(self.format),
            service=None if service is None else service.address(),
            register_id=from_global_or_none(self.register_id, "Register", field="registerId"),
            encoding=self.encoding,
            taxes={each.group.strip(): each.rate.strip() for each in self.taxes},
            unknown_code=self.unknown_code,
            mobile_kind=self.mobile_kind,
            taken_when=self.taken_when,
            every_s=self._every_s(),
            is_enabled=self.is_enabled,
            archives_absent=self.archives_absent,
        )

    def _every_s(self) -> int:
        if self.every_seconds is not None:
            return self.every_seconds
        return SERVICE_EVERY_S if self.way is LinkWay.SERVICE else EVERY_S


LinkEquipmentResult = Annotated[
    EquipmentLinkType | Refused,
    strawberry.union("LinkEquipmentResult", description="The link, or why not."),
]
RunEquipmentResult = Annotated[
    EquipmentLinkType | Refused,
    strawberry.union("RunEquipmentResult", description="The link that begins to run, or why not."),
]
