"""Rows of tables made into GraphQL types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from addons.organization.domain.cards import Role, Severity
from addons.organization.domain.company import LegalForm, TaxRegime
from addons.organization.gql.access_types import (
    ApiTokenType,
    AuditEntryType,
    DeviceSettingType,
    DeviceType,
)
from addons.organization.gql.account_types import (
    CompanyDetailsType,
    FactorType,
    InvitationType,
    PersonType,
    ServiceAccountType,
    SessionType,
)
from addons.organization.gql.types import (
    CompanyType,
    OperatorType,
    OutletType,
    RegisterGroupType,
    RegisterType,
    StatusLineType,
    UserType,
)
from addons.organization.services.factor_tickets import FactorKind
from kernel.clock import from_ms
from kernel.security.principal import PrincipalKind

Row = Mapping[str, Any]


def company_of(row: Row) -> CompanyType:
    """Out of a row of org_company."""
    return CompanyType(
        key=row["id"],
        bin=row["bin"],
        title=row["title"],
        title_kk=row["title_kk"],
        is_vat_payer=bool(row["is_vat_payer"]),
        vat_series=row["vat_series"],
        vat_number=row["vat_number"],
        is_closed=row["closed_ms"] is not None,
    )


def outlet_of(row: Row) -> OutletType:
    """Out of a row of org_outlet."""
    return OutletType(
        key=row["id"],
        title=row["title"],
        address=row["address"],
        address_kk=row["address_kk"],
        zone=row["zone"],
        latitude_e4=row["latitude_e4"],
        longitude_e4=row["longitude_e4"],
    )


def register_of(row: Row) -> RegisterType:
    """Out of a row of org_register."""
    return RegisterType(
        key=row["id"],
        company_key=row["company_id"],
        outlet_key=row["outlet_id"],
        number=row["number"],
        title=row["title"],
        is_decommissioned=bool(row["is_decommissioned"]),
        created_at=from_ms(row["created_ms"]),
    )


def group_of(row: Row) -> RegisterGroupType:
    """Out of a row of org_register_group."""
    return RegisterGroupType(key=row["id"], title=row["title"])


def operator_of(row: Row) -> OperatorType:
    """Out of a row of org_operator."""
    return OperatorType(
        key=row["id"],
        code=row["code"],
        name=row["name"],
        role=Role(row["role"]),
        is_active=bool(row["is_active"]),
        has_pin=row["pin_hash"] is not None,
        is_limited=bool(row["is_limited"]),
    )


def user_of(row: Row) -> UserType:
    """Out of a row of org_user with role and is_active of its membership."""
    return UserType(
        key=row["id"],
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        is_active=bool(row["is_active"]) and not row["is_blocked"],
        language=row["language"],
    )


def device_of(row: Row) -> DeviceType:
    """Out of a row of org_device."""
    return DeviceType(
        key=row["id"],
        register_key=row["register_id"],
        title=row["title"],
        is_bound=row["bound_ms"] is not None,
        is_revoked=row["revoked_ms"] is not None,
        created_at=from_ms(row["created_ms"]),
        awaits_report=bool(row["awaits_report"]) and row["reported_ms"] is None,
        model=row["model"],
        version=row["version"],
        settings=[
            DeviceSettingType(name=name, value=value) for name, value in orjson.loads(row["settings"]).items()
        ],
        reported_at=None if row["reported_ms"] is None else from_ms(row["reported_ms"]),
    )


def api_token_of(row: Row) -> ApiTokenType:
    """Out of a row of org_api_token."""
    return ApiTokenType(
        key=row["id"],
        register_keys=row["register_ids"].split(),
        title=row["title"],
        prefix=row["prefix"],
        permissions=row["permissions"].split(),
        is_test=bool(row["is_test"]),
        created_at=from_ms(row["created_ms"]),
        expires_at=None if row["until_ms"] is None else from_ms(row["until_ms"]),
        used_at=None if row["used_ms"] is None else from_ms(row["used_ms"]),
        is_revoked=row["revoked_ms"] is not None,
    )


def details_of(row: Row, banks: Mapping[str, str]) -> CompanyDetailsType:
    """Out of a row of org_company_details; banks: the directory."""
    return CompanyDetailsType(
        number=row["number"],
        login=row["login"],
        legal_form=LegalForm(row["legal_form"]) if row["legal_form"] else None,
        name=row["name"],
        name_kk=row["name_kk"],
        tax_regime=TaxRegime(row["tax_regime"]) if row["tax_regime"] else None,
        iban=row["iban"],
        bic=row["bic"],
        bank=banks.get(row["bic"]),
        city=row["city"],
        address=row["address"],
        phone=row["phone"],
        oked=row["oked"],
    )


def person_of(row: Row) -> PersonType:
    """Out of a row of org_membership with its org_person, if there is one, and further roles."""
    return PersonType(
        user_name=row["user_name"],
        iin=row["iin"] or "",
        birth_date=row["birth_date"] or None,
        phone=row["phone"] or "",
        comment=row["comment"] or "",
        further_roles=sorted(filter(None, (row["further_roles"] or "").split(","))),
    )


def session_of(row: Row, present: str | None) -> SessionType:
    """Out of a row of org_session; present: the caller's own."""
    return SessionType(
        key=row["id"],
        subject_id=row["subject_id"],
        is_present=row["id"] == present,
        is_guest=row["via_company_id"] is not None,
        created_at=from_ms(row["created_ms"]),
        used_at=None if row["used_ms"] is None else from_ms(row["used_ms"]),
        expires_at=from_ms(row["until_ms"]),
        address=row["address"],
        agent=row["agent"],
    )


def factor_of(row: Row) -> FactorType:
    """Out of a row of org_factor."""
    return FactorType(
        key=row["id"],
        kind=FactorKind(row["kind"]),
        title=row["title"],
        is_confirmed=row["confirmed_ms"] is not None,
        created_at=from_ms(row["created_ms"]),
        used_at=None if row["used_ms"] is None else from_ms(row["used_ms"]),
    )


def invitation_of(row: Row) -> InvitationType:
    """Out of a row of org_letter_token."""
    return InvitationType(
        key=row["id"],
        email=row["email"],
        role=Role(orjson.loads(row["body"])["role"]),
        created_at=from_ms(row["created_ms"]),
        expires_at=from_ms(row["until_ms"]),
    )


def service_account_of(row: Row) -> ServiceAccountType:
    """Out of a row of org_service_account."""
    return ServiceAccountType(
        key=row["id"],
        register_keys=row["register_ids"].split(),
        title=row["title"],
        permissions=row["permissions"].split(),
        is_blocked=bool(row["is_blocked"]),
        created_at=from_ms(row["created_ms"]),
    )


def status_of(row: Row) -> StatusLineType:
    """Out of a row of org_status."""
    return StatusLineType(
        register_key=row["register_id"],
        source=row["source"],
        severity=Severity(row["severity"]),
        code=row["code"],
        since=from_ms(row["since_ms"]),
        updated_at=from_ms(row["updated_ms"]),
        facts=row["facts"],
    )


def audit_of(row: Row) -> AuditEntryType:
    """Out of a row of kernel_audit."""
    return AuditEntryType(
        at=from_ms(row["at_ms"]),
        actor_kind=PrincipalKind(row["actor_kind"]),
        actor_id=row["actor_id"],
        action=row["action"],
        subject=row["subject"],
        facts=row["facts"],
        address=row["address"],
        via_company_id=row["via_company_id"],
    )
