"""Settings of organization, section [organization]."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from kernel.config_values import COMPANY


@dataclass(frozen=True, slots=True)
class OrganizationSettings:
    """Lifetimes in seconds unless the name says otherwise.

    approval_needed_for: documents that need an administrator's word (return, shift_close, cash_withdrawal);
    a company may choose. sign_up: whether strangers may open an account (letters must be set up);
    sign_up_work_bits: how much work their browser does first, 0 for none, each further bit doubles it
    (18 takes a browser about a second). session_idle_minutes: a user who does nothing for so long signs in
    again, 0 for never; second_factor: whether owners and administrators need one; a company may choose both.
    terms_version: of the terms everybody agrees to, empty for none; terms_url: where they can be read.
    banks_file: CSV of BIC and title that takes the place of our directory of banks, empty for ours.
    signature_…: see docs/security.md.
    """

    SECTION: ClassVar[str] = "organization"

    access_token_s: int = 900
    user_session_days: int = 30  # a user who does not come back for so long signs in again
    console_idle_s: int = 1_800  # a browser where nothing happens for so long is signed out
    operator_session_hours: int = 12  # an operator signs in anew for every working day
    refresh_leeway_s: int = 10  # a refresh token may come twice within this: the answer to the first was lost
    binding_s: int = 900  # a one-time binding token waits so long for its device
    principal_cache_s: int = 5  # a revocation in another process is noticed at the latest after this
    approval_s: int = 120  # an administrator's word waits so long for the document it is for
    approval_needed_for: tuple[str, ...] = field(default=(), metadata=COMPANY)
    sign_up: bool = True
    sign_up_work_bits: int = 0
    letter_hours: int = 24  # the token of a letter works so long; of an invitation a week
    terms_version: str = ""
    terms_url: str = ""
    session_idle_minutes: int = field(default=0, metadata=COMPANY)
    second_factor: bool = field(default=False, metadata=COMPANY)
    banks_file: str = ""
    signature_roots: str = ""  # folder with certificates (PEM or DER) of authorities that are believed
    signature_revocation: str = "soft"  # off, soft: believed while nobody can be asked, hard: not believed
    signature_ncanode: str = ""  # address of an NCANode that is asked too, empty for none
    signature_required: bool = False  # a company is opened by a signed application only
    signing_key_days: int = 90  # then a new key signs; old tokens are believed until they expire
