"""How an OFD is reached. Tuples, because each exchange compares one with that of a kept connection."""

from __future__ import annotations

from typing import NamedTuple


class Tls(NamedTuple):
    """TLS with a server that proves who it is.

    ca_file: PEM of the certificate authorities to believe, None for those of the system. server_name: whose
    certificate is expected, None for the host of the address.
    """

    ca_file: str | None = None
    server_name: str | None = None


class Way(NamedTuple):
    """addresses: host and port; the second one stands in when the first does not answer. tls None: plain."""

    addresses: tuple[tuple[str, int], ...]
    tls: Tls | None = None
