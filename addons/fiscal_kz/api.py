"""The door of the fiscal engine.

Nobody needs to come in: trade meets it through the port Fiscalizer, screens through `fiscal` fields.
"""

from __future__ import annotations

from addons.fiscal_kz.domain.commands import ActivateKkm, CloseShift, EnterToken, ReleaseKkm, RequestReport
from addons.fiscal_kz.services.activate import activate_kkm, enter_token, release_kkm
from addons.fiscal_kz.services.close_shift import close_shift, request_report

__all__ = [
    "ActivateKkm",
    "CloseShift",
    "EnterToken",
    "ReleaseKkm",
    "RequestReport",
    "activate_kkm",
    "close_shift",
    "enter_token",
    "release_kkm",
    "request_report",
]
