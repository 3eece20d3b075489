"""Settings of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from kernel.config_values import COMPANY


@dataclass(frozen=True, slots=True)
class CatalogSettings:
    """vat_periods: changes of the law that the program does not know yet, "medicine 2028-01-01 1200; standard
    2028-01-01 1700"; is_name_policy_on: names of products and of free positions have 3 to 128 characters and
    three letters at least, and say what is sold (a company may choose); history_keep_ms: how long changes of
    products are kept; pictures_folder: where their pictures lie, shared by all gateways; pictures_mib_max: of
    one company; feed_kept_days: a device away for longer loads the whole catalogue anew; sheets_folder: where
    uploaded tables of goods lie for a week, shared by gateways and workers."""

    SECTION: ClassVar[str] = "catalog"

    vat_periods: str = ""
    is_name_policy_on: bool = field(default=False, metadata=COMPANY)
    history_keep_ms: timedelta = timedelta(days=1_095)
    pictures_folder: str = "var/pictures"
    pictures_mib_max: int = 2_048
    feed_kept_days: int = 90
    sheets_folder: str = "var/sheets"
