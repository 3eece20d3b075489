"""Which fields a version demands and which it does not know; read by cardinality.py. Facts of CPCR, no logic.

Per message: a triple for 2.0.2 · 2.0.3 · 2.0.4 (R required, O optional, * repeated, - unknown to the version)
and the fields it stands for. Fields that are optional everywhere are not listed.
"""

from __future__ import annotations

CARDINALITY: dict[str, dict[str, str]] = {
    "Request": {
        "RRR": "command",
        "--O": "qr",
    },
    "Response": {
        "RRR": "command result",
        "--O": "qr",
    },
    "Result": {
        "RRR": "result_code",
    },
    "Date": {
        "RRR": "year month day",
    },
    "Time": {
        "RRR": "hour minute",
    },
    "DateTime": {
        "RRR": "date time",
    },
    "Money": {
        "RRR": "bills coins",
    },
    "Operator": {
        "RRR": "code",
    },
    "KeyValuePair": {
        "RRR": "key",
    },
    "TicketAdInfo": {
        "RRR": "type version",
    },
    "TicketAd": {
        "RRR": "info text",
    },
    "TicketRequest.Item.Commodity": {
        "RRR": "section_code quantity price sum",
        "OO-": "excise_stamp",
        "OOR": "measure_unit_code",
        "-**": "list_excise_stamp",
        "-OO": "ntin",
        "--O": "commodity_type",
    },
    "TicketRequest.Item.StornoCommodity": {
        "RRR": "section_code quantity price sum",
        "OO-": "excise_stamp",
        "OOR": "measure_unit_code",
        "-**": "list_excise_stamp",
        "-OO": "ntin",
        "--O": "commodity_type",
    },
    "TicketRequest.Item": {
        "RRR": "type",
    },
    "TicketRequest.Modifier": {
        "RRR": "sum",
    },
    "TicketRequest.Tax": {
        "RRR": "tax_type percent sum is_in_total_sum",
    },
    "TicketRequest.Payment.CardPaymentFields": {
        "-OO": "pos_terminal_id pos_card_type pos_autorization_code pos_rrn pos_receipt_number",
    },
    "TicketRequest.Payment.MobilePaymentFields": {
        "-OO": "qr_type qr_id",
    },
    "TicketRequest.Payment": {
        "RRR": "type sum",
        "-OO": "card_payment_fields mobile_payment_fields",
    },
    "TicketRequest.Amounts": {
        "RRR": "total",
    },
    "TicketRequest.Domain.Services": {
        "RRR": "account_number",
    },
    "TicketRequest.Domain.Taxi": {
        "RRR": "car_number is_order current_fee",
    },
    "TicketRequest.Domain.Parking": {
        "RRR": "begin_time end_time",
    },
    "TicketRequest.Domain": {
        "OOR": "type",
    },
    "TicketRequest.ParentTicket": {
        "-RR": "parent_ticket_number parent_ticket_data_time kgd_kkm_id parent_ticket_total "
        "parent_ticket_is_offline",
    },
    "TicketRequest": {
        "RRR": "operation date_time operator amounts",
        "OOR": "domain",
        "OO-": "printed_document_number_old shift_document_number",
        "**-": "ad_infos",
        "-OO": "parent_ticket",
    },
    "TicketResponse": {
        "RRR": "ticket_number",
    },
    "CloseShiftRequest": {
        "RRR": "close_time",
        "OOR": "z_report operator",
    },
    "MoneyPlacementRequest": {
        "RRR": "date_time operation sum",
        "OOR": "operator",
    },
    "ReportRequest": {
        "RRR": "report date_time",
        "OOR": "zx_report",
    },
    "ReportResponse": {
        "RRR": "report",
        "OOR": "zx_report",
    },
    "ZXReport.Operation": {
        "RRR": "operation count sum",
    },
    "ZXReport.Section": {
        "RRR": "section_code",
    },
    "ZXReport.Tax.TaxOperation": {
        "RRR": "operation turnover sum",
        "OOR": "turnover_without_tax",
    },
    "ZXReport.Tax": {
        "RRR": "tax_type percent",
    },
    "ZXReport.NonNullableSum": {
        "RRR": "operation sum",
    },
    "ZXReport.TicketOperation.Payment": {
        "RRR": "payment sum",
        "OOR": "count",
    },
    "ZXReport.TicketOperation": {
        "RRR": "operation tickets_total_count tickets_count tickets_sum",
        "OOR": "offline_count discount_sum markup_sum change_sum",
    },
    "ZXReport.MoneyPlacement": {
        "RRR": "operation operations_total_count operations_count operations_sum",
        "OOR": "offline_count",
    },
    "ZXReport.AnnulledTickets": {
        "RR-": "annulled_tickets_total_count annulled_tickets_count",
        "**-": "annulled_operations",
    },
    "ZXReport.Revenue": {
        "RRR": "sum is_negative",
    },
    "ZXReport": {
        "RRR": "date_time shift_number cash_sum revenue",
        "OO-": "annulled_tickets",
        "OOR": "open_shift_time",
    },
    "ServiceRequest.CommQuality": {
        "RRR": "avg_connect_time",
    },
    "ServiceRequest.SecurityStats.GeoPosition": {
        "RRR": "latitude longitude",
        "-OR": "source",
    },
    "ServiceRequest.SecurityStats": {
        "OOR": "geo_position",
        "OO-": "os_version",
    },
    "ServiceRequest.OfflinePeriod": {
        "RRR": "begin_time end_time",
    },
    "ServiceRequest.RegInfo": {
        "OOR": "kkm org",
    },
    "ServiceRequest.SoftwareInformation.ModuleInformation": {
        "RRR": "name version",
    },
    "ServiceRequest": {
        "OO-": "marker software_information_old",
        "OOR": "reg_info",
    },
    "ServiceResponse.RegInfo": {
        "OOR": "kkm org",
        "--O": "ofd",
    },
    "ServiceResponse.LastDocumentInfo": {
        "RRR": "fr_shift_number",
        "OOR": "printed_document_number",
    },
    "ServiceResponse": {
        "OOR": "reg_info",
    },
    "PosRegInfo": {
        "OOR": "title address",
        "-OR": "address_kz latitude longitude",
    },
    "OrgRegInfo": {
        "OOR": "title address inn okved",
        "-OR": "address_kz",
        "OO-": "taxation_type",
        "-O-": "tenant_id",
    },
    "BindedTaxation.BindedTax": {
        "RRR": "tax_type percent",
    },
    "BindedTaxation": {
        "RRR": "taxation_type",
    },
    "NomenclatureRequest": {
        "ROO": "current_version",
        "-OO": "barcode",
    },
    "NomenclatureResponse.Element": {
        "RRR": "type title id",
        "-OO": "title_kk",
    },
    "NomenclatureResponse.Item": {
        "ROO": "purchase_price sell_price",
        "-OO": "ntin is_markedeac is_social",
    },
    "NomenclatureResponse.Tax": {
        "RRR": "taxation_type tax_type tax_percent",
    },
    "NomenclatureResponse": {
        "RRR": "version result",
    },
    "NomenclatureBarcodeRequest": {
        "-R-": "barcode",
    },
    "NomenclatureBarcodeResponse": {
        "-R-": "id barcode ntin_cod name_ru name_kk",
    },
    "AuthRequest": {
        "RRR": "login password",
    },
    "AuthResponse": {
        "RRR": "result",
    },
    "QRRequest": {
        "--R": "invoice_id",
        "--O": "amount",
    },
    "QRResponse": {
        "--R": "qr_code status",
    },
    "OfdRegInfo": {
        "--R": "title title_kz url",
    },
}
