"""What we are made of: every locked package is listed, and each licence lets us be what we are."""

from __future__ import annotations

from pathlib import Path

from kernel.dependencies import Dependency, dependencies, licence_of


def test_every_locked_package_has_a_licence_that_asks_only_to_be_named() -> None:
    found = dependencies()

    assert {"cryptography", "asn1crypto", "webauthn", "starlette"} <= {each.name for each in found}
    assert not [each for each in found if not each.is_fine]


def test_a_licence_that_asks_more_or_says_nothing_needs_a_look(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("nobody-here==1.0 \\\n    --hash=sha256:00\n", encoding="utf-8")

    assert dependencies(lock) == [Dependency("nobody-here", "1.0", None)]
    assert not Dependency("x", "1", "GNU Affero General Public License v3").is_fine
    assert not Dependency("x", "1", "").is_fine
    assert licence_of("no-such-package") is None
