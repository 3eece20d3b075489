"""Object identifiers of Kazakhstan's certification authority.

Source: published certificates of the authority and their descriptions; see protocols/ncalayer/README.md.
"""

from __future__ import annotations

GOST_KEY = "1.2.398.3.10.1.1.2.2"  # key of GOST 34.10-2015, 512 bits
GOST_CURVE_A = "1.2.398.3.10.1.1.2.2.1"
GOST_SIGNATURE = "1.2.398.3.10.1.1.2.3.2"  # with GOST 34.11-2015, 512 bits
GOST_HASH = "1.2.398.3.10.1.3.3"
RSA_KEY = "1.2.840.113549.1.1.1"

POLICY_PERSON = "1.2.398.3.3.4.1.1"
POLICY_COMPANY = "1.2.398.3.3.4.1.2"
POLICY_HEAD = "1.2.398.3.3.4.1.2.1"
POLICY_MAY_SIGN = "1.2.398.3.3.4.1.2.2"
POLICY_FINANCE = "1.2.398.3.3.4.1.2.3"
POLICY_EMPLOYEE = "1.2.398.3.3.4.1.2.5"

IIN_PREFIX, BIN_PREFIX = "IIN", "BIN"  # of serialNumber and of organizationalUnitName of a subject
