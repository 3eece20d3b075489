"""Who and where a KKM is: what the OFD told at activation and where the outlet stands."""

from __future__ import annotations

from dataclasses import dataclass

from addons.fiscal_kz.domain.rarities import DomainType

GEO_VERSION = 203  # of the protocol: security_stats.geo_position is mandatory from here on


@dataclass(frozen=True, slots=True)
class KkmCard:
    """Registration data (KkmRegInfo, OrgRegInfo) and the outlet's zone and position.

    registration_number: given by the KGD; factory_number: of the device. Position in 1/10000 degree.
    domain: line of trade of tickets that name none.
    """

    zone: str
    latitude_e4: int | None = None
    longitude_e4: int | None = None
    registration_number: str = ""
    factory_number: str = ""
    kkm_id: str = ""
    org_title: str = ""
    org_address: str = ""
    org_address_kk: str = ""
    org_bin: str = ""
    org_oked: str = ""
    point_of_payment_number: str = ""
    terminal_number: str = ""
    tenant_id: int | None = None
    domain: DomainType = DomainType.TRADING
