"""Signatures of GOST 34.10-2012 with 512 bits on curve A of TK 26, as Kazakhstan's GOST 34.10-2015 uses them.

The order of bytes is Kazakhstan's own: a public key is x then y, a signature r then s, each little-endian;
the digest is read as a little-endian number. Source: RFC 7091 §5-6 (the scheme), RFC 7836 §A.1 (the curve),
and published examples of the national library, which the tests repeat.
"""

from __future__ import annotations

import secrets

from protocols.ncalayer.streebog import streebog512

SIZE = 64  # bytes of a coordinate, of r and of s
P = (1 << 512) - 569
A = P - 3
B = int(
    "E8C2505DEDFC86DDC1BD0B2B6667F1DA34B82574761CB0E879BD081CFD0B6265"
    "EE3CB090F30D27614CB4574010DA90DD862EF9D4EBEE4761503190785A71C760",
    16,
)
Q = int(
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
    "27E69532F48D89116FF22B8D4E0560609B4B38ABFAD2B85DCACDB1411F10B275",
    16,
)
G = (
    3,
    int(
        "7503CFE87A836AE3A61B8816E25450E6CE5E1C93ACF1ABC1778064FDCBEFA921"
        "DF1626BE4FD036E93D75E6A50E3A41E98028FE5FC235F5B889A589CB5215F2A4",
        16,
    ),
)

Point = tuple[int, int]
_Jacobian = tuple[int, int, int]
_NOWHERE: _Jacobian = (1, 1, 0)


def public_key(private: int) -> bytes:
    """The public key of a private one, as it stands in certificates."""
    x, y = _affine(_times(G, private)) or (0, 0)
    return x.to_bytes(SIZE, "little") + y.to_bytes(SIZE, "little")


def sign(private: int, message: bytes) -> bytes:
    """A signature over a message. For tests and simulators: its time tells of the key."""
    e = int.from_bytes(streebog512(message), "little") % Q or 1
    while True:
        k = 1 + secrets.randbelow(Q - 1)
        point = _affine(_times(G, k))
        assert point is not None
        r = point[0] % Q
        s = (r * private + k * e) % Q
        if r and s:
            return r.to_bytes(SIZE, "little") + s.to_bytes(SIZE, "little")


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature over a message is right; never raises, whatever the bytes are."""
    point = point_of(public)
    if point is None or len(signature) != 2 * SIZE:
        return False
    r, s = int.from_bytes(signature[:SIZE], "little"), int.from_bytes(signature[SIZE:], "little")
    if not (0 < r < Q and 0 < s < Q):
        return False
    e = int.from_bytes(streebog512(message), "little") % Q or 1
    v = pow(e, -1, Q)
    total = _add(_times(G, s * v % Q), _times(point, (Q - r) * v % Q))
    found = _affine(total)
    return found is not None and found[0] % Q == r


def point_of(public: bytes) -> Point | None:
    """The point of a public key; None unless it lies on the curve."""
    if len(public) != 2 * SIZE:
        return None
    x, y = int.from_bytes(public[:SIZE], "little"), int.from_bytes(public[SIZE:], "little")
    if x >= P or y >= P or (y * y - (x * x * x + A * x + B)) % P:
        return None
    return x, y


def _double(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    if not y or not z:
        return _NOWHERE
    yy = y * y % P
    s = 4 * x * yy % P
    zz = z * z % P
    m = 3 * (x - zz) * (x + zz) % P  # a is -3
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * yy * yy) % P, 2 * y * z % P


def _add(first: _Jacobian, second: _Jacobian) -> _Jacobian:
    if not first[2]:
        return second
    if not second[2]:
        return first
    x1, y1, z1 = first
    x2, y2, z2 = second
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * zz2 % P, x2 * zz1 % P
    s1, s2 = y1 * zz2 * z2 % P, y2 * zz1 * z1 % P
    if u1 == u2:
        return _double(first) if s1 == s2 else _NOWHERE
    h, r = (u2 - u1) % P, (s2 - s1) % P
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, h * z1 * z2 % P


def _times(point: Point, number: int) -> _Jacobian:
    result, addend = _NOWHERE, (*point, 1)
    while number:
        if number & 1:
            result = _add(result, addend)
        addend = _double(addend)
        number >>= 1
    return result


def _affine(point: _Jacobian) -> Point | None:
    x, y, z = point
    if not z:
        return None
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return x * square % P, y * square * inverse % P
