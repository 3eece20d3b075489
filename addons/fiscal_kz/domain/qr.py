"""The check link printed as QR. Source: ofd_protocol §2.10 (order 626 item 56.16)."""

from __future__ import annotations

from datetime import datetime


def check_link(site: str, *, sign: str, registration_number: str, total_tiyn: int, at: datetime) -> str:
    """<scheme>://<site>?i=<sign>&f=<KGD number>&s=<total>&t=<local time>. at: wall time of the outlet.

    For an offline ticket the sign is its offline number; online the OFD's own bytes are used instead of
    this.
    """
    base = site if "://" in site else f"https://{site}"
    tenge, tiyn = divmod(total_tiyn, 100)
    return f"{base}?i={sign}&f={registration_number}&s={tenge}.{tiyn:02d}&t={at:%Y%m%dT%H%M%S}"
