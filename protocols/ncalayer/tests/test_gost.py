"""Hash and signature against published examples, and against bytes that are not what they should be.

Sources: RFC 6986 §10 (digests); examples made with the national library, published with ncalayer-rs (MIT):
key, signature over a message, and a certificate signed by itself.
"""

from __future__ import annotations

import pytest

from protocols.ncalayer.gost3410 import SIZE, Q, point_of, public_key, sign, verify
from protocols.ncalayer.streebog import streebog512

MESSAGE = b"ncalayer-rs test message"
DIGEST = (
    "7d2b8e1c32c116aba0e4c14a021d459206b6174d201cddfed0b256da91729cf1"
    "69199a9ff12d6026c29e6acabe19c4d191954823f54fb7b2661b3b4b5cfe2179"
)
PRIVATE = int(
    "e86ce8e9cb499b2f3bb43c2f11c167f4a1cc1c54b39a5efc39e58dd73da1e02e"
    "62d86dea059c7f4b80890eed35f26977491548b9ceb93e47571acaecf4f59775",
    16,
)
X = (
    "28c9f1ffdf601800c890cc078f948fb9af056935c1d1bf8a844cba3719ec953b"
    "c4d14951e405671af34e72f2027a391238b13ab048088480fcf95989f12a92fa"
)
Y = (
    "45e5b51e170a01cbe33a5f0abcc9d9099429650bf9dd5101d9c706a85e5707c6"
    "a67b10ba114d4bc7f887e21fdea0c2ca615784ac1303711592ea6808ad321204"
)
PUBLIC = bytes.fromhex(X)[::-1] + bytes.fromhex(Y)[::-1]
SIGNATURE = bytes.fromhex(
    "8d6c6a698664478e092159fb3570b0e93641b8eeb52e1735581099c8221c0d14"
    "4415b08e27ebc77579ee65f70bd53f7932a7e9b885debd71e6be0e8018600364"
    "d47013472a66eebceeb1efc9d2309981b4fc1f5d45d7d8b0ab1490574cee5e38"
    "b975491336c312db35b6cf666e695f6bba90806d1dda19726218554cad2f1666"
)
TBS = bytes.fromhex(
    "3082016ca003020102020601a0fd8c5966300e060a2a830e030a01010203020500303e3115301306035504030c0c5445"
    "535420474f5354353132311830160603550405130f49494e303030303030303030303030310b3009060355040613024b"
    "5a301e170d3236313030313136353730385a170d3237313030323136353730385a303e3115301306035504030c0c5445"
    "535420474f5354353132311830160603550405130f49494e303030303030303030303030310b3009060355040613024b"
    "5a3081ac302306092a830e030a010102023016060a2a830e030a010102020106082a830e030a01030303818400048180"
    "fa922af18959f9fc80840848b03ab13812397a02f2724ef31a6705e45149d1c43b95ec1937ba4c848abfd1c1356905af"
    "b98f948f07cc90c8001860dffff1c928041232ad0868ea9215710313ac845761cac2a0de1fe287f8c74b4d11ba107ba6"
    "c607575ea806c7d90151ddf90b65299409d9c9bc0a5f3ae3cb010a171eb5e545"
)
TBS_SIGNATURE = bytes.fromhex(
    "2cf5b89a199bacfb213338aba0c6c5cd32a3d210e2990dc09d3ec596e82220e0ca972520fc9b7e7dcefc5e3b738d9901"
    "0be4b104b0142c4fe0d7f0b0804485085903776eb5d62c29ec87855be7eb19c315585139ade546c51d3505ac3c4eb0e5"
    "e90909e7772628d7e9d6457cb486a7b673ba0ebe23f5246dc3b7751f845ed535"
)


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (
            b"012345678901234567890123456789012345678901234567890123456789012",
            "1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa"
            "00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48",
        ),
        (MESSAGE, DIGEST),
        (
            b"",
            "8e945da209aa869f0455928529bcae4679e9873ab707b55315f56ceb98bef0a7"
            "362f715528356ee83cda5f2aac4c6ad2ba3a715c1bcd81cb8e9f90bf4c1c1a8a",
        ),
    ],
)
def test_digests_are_those_of_the_standard(message: bytes, digest: str) -> None:
    assert streebog512(message).hex() == digest


def test_a_signature_of_the_national_library_is_right() -> None:
    assert public_key(PRIVATE) == PUBLIC
    assert verify(PUBLIC, MESSAGE, SIGNATURE)
    assert verify(PUBLIC, TBS, TBS_SIGNATURE)


def test_anything_changed_is_wrong_and_nothing_raises() -> None:
    swapped = SIGNATURE[SIZE:] + SIGNATURE[:SIZE]
    zero, large = bytes(2 * SIZE), Q.to_bytes(SIZE, "little") * 2

    assert not verify(PUBLIC, MESSAGE + b"!", SIGNATURE)
    assert not [
        wrong for wrong in (swapped, zero, large, SIGNATURE[:-1], b"") if verify(PUBLIC, MESSAGE, wrong)
    ]
    assert not verify(PUBLIC[::-1], MESSAGE, SIGNATURE)
    assert point_of(bytes(2 * SIZE)) is None
    assert point_of(PUBLIC[:-1] + b"\x00") is None


def test_our_own_signature_is_right_for_its_key_alone() -> None:
    signature = sign(PRIVATE, MESSAGE)

    assert verify(PUBLIC, MESSAGE, signature)
    assert not verify(public_key(PRIVATE + 1), MESSAGE, signature)
