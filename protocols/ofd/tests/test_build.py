"""Flat values to bytes: the worked ticket, completeness in every version, what versions carry or refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocols.ofd import build, values
from protocols.ofd import ofd_pb2 as pb
from protocols.ofd.cardinality import foreign_fields, missing_fields
from protocols.ofd.codes import VERSIONS, CommodityType, DomainType, Operation, PaymentType, PlacementType
from protocols.ofd.errors import MalformedMessage, WrongVersion
from protocols.ofd.frame import encode_frame
from protocols.ofd.messages import parse_request
from protocols.ofd.moments import write_moment
from protocols.ofd.org_info import read_address_kz, read_tenant_id
from protocols.ofd.report import read_report
from protocols.ofd.splice import embedded, split_at
from protocols.ofd.tests.samples import AT, REGISTRATION, SERVICE, line, messages, report, ticket
from protocols.ofd.values import NO_SERVICE, Service

WORKED_TICKET = bytes.fromhex(
    "a281cb008b000000e903000015cd5b07020008011275080212110a0708ea0f1001180f1206080a101e18001a0208012202"
    "08002a330801122f1204546573741a013120c4132a0508d0031000320508880910003a0e086418807d220508a00110002801"
    "6a03373936320908001205088809100042140a050888091000120508b00910001a04082810007007"
)

PARENT = values.Parent(sign="1234567890", at=AT, kgd_number="000000000123", total=116000, is_offline=False)
OPTIONS: list[values.Ticket] = [
    ticket(),
    ticket(payments=(values.Payment(PaymentType.CARD, 116000, values.CardDetails("T1", "VISA", 7, 8, 9)),)),
    ticket(payments=(values.Payment(PaymentType.MOBILE, 116000, None, values.MobileDetails("kaspi", "42")),)),
    ticket(operation=Operation.SELL_RETURN, parent=PARENT),
    ticket(lines=(line(discount=1000, discount_vat=138), line(markup=500, markup_vat=69), line(vat_bp=None))),
    ticket(discount=values.Modifier("Скидка", 1000, (values.Vat(1600, 138),))),
    ticket(markup=values.Modifier("Наценка", 1000)),
    ticket(lines=(line(), line(is_storno=True, discount=5, markup=6))),
    ticket(
        lines=(line(marks=("010460...",), ntin="0200", barcode="487", product_id="p", physical_label="AA 1"),)
    ),
    ticket(lines=(line(commodity_type=CommodityType.SERVICE),), taxes=(values.Vat(1600, 1, False),)),
    ticket(domain=values.Domain(DomainType.SERVICES, account_number="A-1")),
    ticket(domain=values.Domain(DomainType.GASOIL, correction_number="1", correction_sum=5, card_number="9")),
    ticket(domain=values.Domain(DomainType.TAXI, car_number="777AAA02", is_order=True, current_fee=100)),
    ticket(domain=values.Domain(DomainType.PARKING, parking_begin=AT, parking_end=AT + timedelta(hours=1))),
    ticket(offline_number=1001, shift_number=7, shift_document_number=3, document_number=12345678901),
    ticket(
        customer_email="a@b.kz", customer_phone="+77010000000", customer_bin="230140000109", operator_name="А"
    ),
    ticket(printed_ticket="чек"),
]


def test_the_worked_ticket_is_built_to_the_byte() -> None:
    payload = build.build_ticket(ticket(shift_number=7), NO_SERVICE, version=203)

    assert encode_frame(203, 1001, 123456789, 2, payload) == WORKED_TICKET


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("wanted", OPTIONS)
def test_a_ticket_lacks_nothing_and_carries_nothing_foreign(wanted: values.Ticket, version: int) -> None:
    request = parse_request(build.build_ticket(wanted, SERVICE, version=version), version)

    assert missing_fields(request, version) == []
    assert foreign_fields(request, version) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_other_request_lacks_nothing_and_carries_nothing_foreign(version: int) -> None:
    placement = values.Placement(PlacementType.WITHDRAWAL, AT, 5000, 1, "А", True, 7, 9)
    closing = values.Closing(AT, report(closed_at=AT), 1, "А", True, 7, True, 9)
    ask = values.ReportAsk(1, AT, report(), True)
    payloads = [
        build.build_placement(placement, SERVICE, version=version),
        build.build_close_shift(closing, SERVICE, version=version),
        build.build_report(ask, SERVICE, version=version),
        build.build_info(SERVICE._replace(asks_registration=True, asks_taxation=True), version=version),
        build.build_system(NO_SERVICE, version=version),
        build.build_nomenclature(NO_SERVICE, version=version),
    ]

    for payload in payloads:
        request = parse_request(payload, version)
        assert missing_fields(request, version) == []
        assert foreign_fields(request, version) == []


def test_a_line_discount_follows_its_line_with_its_own_tax() -> None:
    lines = (line(discount=1000, discount_vat=138), line(markup=500, markup_vat=69))
    items = parse_request(build.build_ticket(ticket(lines=lines), SERVICE, version=203), 203).ticket.items

    assert [item.type for item in items] == [
        pb.ITEM_COMMODITY,
        pb.ITEM_DISCOUNT,
        pb.ITEM_COMMODITY,
        pb.ITEM_MARKUP,
    ]
    assert (items[1].discount.sum.bills, items[1].discount.taxes[0].sum.coins) == (10, 38)


def test_without_vat_and_zero_vat_differ_on_the_wire() -> None:
    lines = (line(vat_bp=None), line(vat_bp=0, vat=0))
    items = parse_request(build.build_ticket(ticket(lines=lines), SERVICE, version=203), 203).ticket.items

    assert len(items[0].commodity.taxes) == 0
    assert [tax.percent for tax in items[1].commodity.taxes] == [0]
    assert items[1].commodity.taxes[0].HasField("percent")


def test_several_marks_on_a_line_need_2_0_3() -> None:
    marked = ticket(lines=(line(marks=("a", "b")),))

    request = parse_request(build.build_ticket(marked, SERVICE, version=203), 203)

    assert list(request.ticket.items[0].commodity.list_excise_stamp) == ["a", "b"]
    with pytest.raises(WrongVersion):
        build.build_ticket(marked, SERVICE, version=202)


def test_the_position_travels_from_2_0_3_on() -> None:
    payloads = {v: build.build_ticket(ticket(), SERVICE, version=v) for v in VERSIONS}
    stats = {v: parse_request(p, v).service.security_stats for v, p in payloads.items()}

    assert not stats[202].HasField("geo_position")
    assert (stats[203].geo_position.latitude, stats[204].geo_position.longitude) == (432389, 768897)


@pytest.mark.parametrize("tenant", [0, 7, 300, 2**31 - 1, -1])
def test_organisation_field_6_is_a_tenant_in_2_0_2_and_an_address_later(tenant: int) -> None:
    service = Service(registration=REGISTRATION._replace(tenant_id=tenant))
    org = {v: parse_request(build.build_info(service, version=v), v).service.reg_info.org for v in VERSIONS}

    assert [read_tenant_id(org[v], v) for v in VERSIONS] == [tenant, tenant, None]
    assert [read_address_kz(org[v], v) for v in VERSIONS] == ["", "Алматы, Абай 1", "Алматы, Абай 1"]


def test_field_6_of_the_other_wire_type_is_dropped_not_misread() -> None:
    with_address = pb.OrgRegInfo(address_kz="Абай")
    with_tenant = pb.OrgRegInfo.FromString(bytes.fromhex("3007"))

    assert (read_tenant_id(with_address, 202), read_address_kz(with_address, 202)) == (None, "")
    assert (read_tenant_id(with_tenant, 203), read_address_kz(with_tenant, 203)) == (None, "")


def test_a_repetition_changes_the_offline_period_and_nothing_else() -> None:
    first = build.build_ticket(ticket(offline_number=5), SERVICE, version=203)
    began = values.OfflinePeriod(AT, AT + timedelta(minutes=1))
    later = values.OfflinePeriod(AT, AT + timedelta(minutes=9))

    again = build.with_offline_period(build.with_offline_period(first, began), later)

    request = parse_request(again, 203)
    assert request.service.offline_period.end_time.time.minute == 39
    request.service.ClearField("offline_period")
    assert request == parse_request(first, 203)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("service", [SERVICE, NO_SERVICE, SERVICE._replace(asks_registration=True)])
def test_an_offline_period_is_put_in_as_if_the_whole_were_written_anew(
    service: Service, version: int
) -> None:
    placement = values.Placement(PlacementType.WITHDRAWAL, AT, 5000, 1, "А", True, 7, 9)
    periods = [values.OfflinePeriod(AT, AT + timedelta(minutes=after)) for after in (1, 99_999)]
    payloads = [build.build_ticket(each, service, version=version) for each in OPTIONS]
    payloads.append(build.build_placement(placement, service, version=version))
    payloads.append(build.build_close_shift(values.Closing(AT, report(), 1), service, version=version))
    payloads.append(build.build_system(service, version=version))

    for payload in payloads:
        for period in periods:
            wanted = parse_request(payload, version)
            wanted.service.ClearField("offline_period")
            wanted.service.MergeFrom(write_anew(period))
            payload = build.with_offline_period(payload, period)
            assert payload == wanted.SerializeToString()


def write_anew(period: values.OfflinePeriod) -> pb.ServiceRequest:
    target = pb.ServiceRequest()
    write_moment(target.offline_period.begin_time, period.begin)
    write_moment(target.offline_period.end_time, period.end)
    return target


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(messages("ServiceRequest", 203), st.sampled_from([4, 11, 12]))  # type: ignore[call-arg]
def test_what_is_cut_apart_is_whole_again(message: pb.ServiceRequest, number: int) -> None:
    field = pb.ServiceRequest.DESCRIPTOR.fields_by_number[number].name
    whole = message.SerializeToString()

    below, inside, above = split_at(whole, number)

    assert inside == getattr(message, field).SerializeToString()
    is_present = message.HasField(field)  # type: ignore[arg-type]
    assert below + (embedded(number, inside) if is_present else b"") + above == whole


@pytest.mark.parametrize("broken", ["08", "0880", "1205aa", "0b", "3005", "31", "ff"])
def test_an_offline_period_is_not_put_into_garbage(broken: str) -> None:
    with pytest.raises(MalformedMessage):
        build.with_offline_period(bytes.fromhex(broken), values.OfflinePeriod(AT, AT))


def test_pieces_of_a_service_part_are_joined() -> None:
    pieces = build.build_system(SERVICE, version=203) + build.build_system(
        Service(asks_registration=True), version=203
    )

    request = parse_request(build.with_offline_period(pieces, values.OfflinePeriod(AT, AT)), 203)

    assert request.service.get_reg_info
    assert request.service.reg_info.kkm.fns_kkm_id == REGISTRATION.kgd_number
    assert request.service.HasField("offline_period")


def test_qr_and_search_by_barcode_are_refused_before_their_versions() -> None:
    with pytest.raises(WrongVersion):
        build.build_qr_generate(NO_SERVICE, version=203, invoice_id=1, amount=100)
    with pytest.raises(WrongVersion):
        build.build_nomenclature(NO_SERVICE, version=202, barcode="487")

    request = parse_request(build.build_qr_generate(NO_SERVICE, version=204, invoice_id=1, amount=150), 204)
    status = parse_request(build.build_qr_status(NO_SERVICE, version=204, invoice_id=1), 204)
    found = parse_request(build.build_nomenclature(NO_SERVICE, version=203, barcode="487"), 203)

    assert (request.qr.amount.bills, request.qr.amount.coins) == (1, 50)
    assert status.command == pb.COMMAND_QR_GET_STATUS
    assert found.nomenclature.barcode == "487"


def test_software_and_known_ads_are_carried() -> None:
    software = values.Software((values.Module("sauda", "1.0", "abc"),), "x86", "Linux", "6", "3.11", 5)
    service = Service(software=software, known_ads=(values.KnownAd(pb.AD_INFO, 3),))

    sent = parse_request(build.build_info(service, version=203), 203).service

    assert sent.software_information.module_infos[0].build_info == "abc"
    assert [(ad.type, ad.version) for ad in sent.ticket_ad_infos] == [(pb.AD_INFO, 3)]


@pytest.mark.parametrize(
    "wanted",
    [line(price=-1), line(quantity=-1), line(sum=2**80)],
)
def test_numbers_that_do_not_fit_are_refused(wanted: values.Line) -> None:
    with pytest.raises(ValueError, match="out of range"):
        build.build_ticket(ticket(lines=(wanted,)), SERVICE, version=203)


def test_header_124_is_read_by_its_own_field_set() -> None:
    closing = bytes.fromhex("08021a022805")  # close_shift { 5: varint }
    options = bytes.fromhex("080112074a051a03313233")  # ticket { extension_options { 3: "123" } }

    assert parse_request(closing, 124).close_shift.printed_document_number == 5
    assert parse_request(options, 124).ticket.extension_options.customer_iin_or_bin == "123"
    assert not parse_request(closing, 125).close_shift.HasField("printed_document_number")
    with pytest.raises(MalformedMessage):
        parse_request(options, 203)


def test_garbage_is_no_request() -> None:
    with pytest.raises(MalformedMessage):
        parse_request(b"\x0a\xff\xff", 203)


rows = st.lists(
    st.builds(values.OperationRow, st.integers(0, 3), st.integers(0, 999), st.integers(0, 10**12)), max_size=3
)
sums = st.lists(st.builds(values.SumRow, st.integers(0, 3), st.integers(0, 10**15)), max_size=4)


@given(
    st.integers(-(10**12), 10**12),
    st.integers(0, 10**12),
    rows.map(tuple),
    sums.map(tuple),
    st.sampled_from([None, AT]),
)
def test_a_report_survives_the_wire(revenue, cash, operations, non_nullable, moment) -> None:  # type: ignore[no-untyped-def]
    wanted = report(
        revenue=revenue,
        cash=cash,
        operations=operations,
        totals=operations,
        discounts=operations,
        markups=operations,
        sections=(values.SectionRow("1", operations),),
        taxes=(values.TaxRow(1600, (values.TaxTurnover(2, 116000, 16000, 100000),)),),
        sums=non_nullable,
        start_sums=non_nullable,
        tickets=(values.TicketRow(2, 10, 2, 116000, (values.PaymentRow(0, 116000, 2),), 1, 5, 6, 7),),
        placements=(values.PlacementRow(0, 5, 1, 100, 1),),
        opened_at=AT,
        closed_at=moment,
        checksum="AB",
    )

    closing = values.Closing(AT, wanted, 1)
    request = parse_request(build.build_close_shift(closing, NO_SERVICE, version=202), 202)

    assert read_report(request.close_shift.z_report) == wanted
