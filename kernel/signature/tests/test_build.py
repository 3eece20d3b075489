"""Whatever is done to an installed file is found and named, and production does not start with it."""

from __future__ import annotations

import base64
import compileall
import os
import py_compile
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from kernel.config_sections import BuildSettings
from kernel.errors import SetupFault
from kernel.printing.fonts import PACKAGED, REGULAR
from kernel.signature.build import BuildVerdict, Wrong, sign_build, signature_path, verify_build
from kernel.signature.contents import HOUSE, HOUSE_FOLDERS
from kernel.signature.keys import PublicKey, SigningKey
from kernel.web.scripts import SCRIPTS

NOW_MS = 1_767_225_600_000


class House:
    """A small installation with every kind of file, signed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "house"
        for name, text in {
            "kernel/__init__.py": "",
            "kernel/till.py": "LIMIT = 1000\n",
            "kernel/locale/refusals.toml": "[A]\nru = 'Отказ'\n",
            "kernel/web/static/base.css": "a{}",
            "addons/trade/migrations/0001_sale.py": "x = 1\n",
            "addons/trade/addon.toml": "name = 'trade'\n",
            "themes/default/templates/receipt.html": "<p>₸</p>\n",
            f"node_modules/{SCRIPTS['vendor/react.js']}": "react",
            f"node_modules/{PACKAGED[REGULAR]}": "letters",
        }.items():
            self.path(name).parent.mkdir(parents=True, exist_ok=True)
            self.path(name).write_text(text, encoding="utf-8")
        self.key = SigningKey.make(folder / "signing.pem")
        self.manifest = folder / "sauda.build.json"
        self.settings = BuildSettings((self.key.public.text,), str(self.manifest))
        self.sign()

    def path(self, name: str) -> Path:
        return self.folder / name

    def sign(self) -> int:
        return sign_build(
            self.key, self.manifest, themes_path="", version="0.1.0", now_ms=NOW_MS, house=self.folder
        )

    def verdict(self) -> BuildVerdict:
        return verify_build(self.settings, house=self.folder)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_an_untouched_installation_is_good(house: House) -> None:
    verdict = house.verdict()

    assert (verdict.is_good, verdict.files, verdict.key) == (True, 9, house.key.public.name)


def test_every_flipped_byte_of_every_file_is_found(house: House) -> None:
    for path in [each for each in house.folder.rglob("*") if each.is_file()]:
        good = path.read_bytes()
        for position in range(len(good)):
            path.write_bytes(good[:position] + bytes([good[position] ^ 1]) + good[position + 1 :])

            [problem] = house.verdict().problems

            name = path.relative_to(house.folder).as_posix()
            assert (problem.wrong, problem.name) == (Wrong.ALTERED, name)
        path.write_bytes(good)
    assert house.verdict().is_good


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("kernel/late.py", Wrong.ADDED),
        ("kernel/late.pyc", Wrong.ADDED),  # a module without a source
        ("themes/default/templates/sale.html", Wrong.ADDED),
        ("addons/evil/addon.toml", Wrong.ADDED),
        ("kernel/__pycache__/evil.so", Wrong.ODD),
    ],
)
def test_an_added_file_is_found(house: House, name: str, wrong: Wrong) -> None:
    house.path(name).parent.mkdir(parents=True, exist_ok=True)
    house.path(name).write_bytes(b"")

    [problem] = house.verdict().problems

    assert (problem.wrong, problem.name) == (wrong, name)


def test_a_missing_file_is_found(house: House) -> None:
    house.path("kernel/locale/refusals.toml").unlink()

    assert [str(each) for each in house.verdict().problems] == ["kernel/locale/refusals.toml: missing"]


@pytest.mark.parametrize("name", ["kernel/till.py", "kernel/web"])
def test_a_link_is_not_followed_even_to_the_same_bytes(house: House, name: str, tmp_path: Path) -> None:
    real = house.path(name).rename(tmp_path / "elsewhere")
    house.path(name).symlink_to(real)

    problems = {each.name: each.wrong for each in house.verdict().problems}

    assert problems[name] is Wrong.ODD


def test_line_ends_matter(house: House) -> None:
    path = house.path("kernel/locale/refusals.toml")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert house.verdict().problems[0].wrong is Wrong.ALTERED


@pytest.mark.parametrize("mode", py_compile.PycInvalidationMode)
def test_bytecode_of_signed_sources_is_no_problem(house: House, mode: py_compile.PycInvalidationMode) -> None:
    compileall.compile_dir(house.folder, quiet=1, invalidation_mode=mode)

    assert house.verdict().is_good


@pytest.mark.parametrize("mode", py_compile.PycInvalidationMode)
def test_bytecode_that_says_something_else_is_found(
    house: House, mode: py_compile.PycInvalidationMode, tmp_path: Path
) -> None:
    """Its header names the true source, so Python would run it instead."""
    source = house.path("kernel/till.py")
    stat = source.stat()
    true = Path(py_compile.compile(str(source), invalidation_mode=mode, doraise=True) or "")
    other = tmp_path / "till.py"
    other.write_text("LIMIT = 9999\n")
    false = Path(py_compile.compile(str(other), str(tmp_path / "false.pyc"), invalidation_mode=mode) or "")
    true.write_bytes(true.read_bytes()[:16] + false.read_bytes()[16:])
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    [problem] = house.verdict().problems

    assert (problem.wrong, problem.name) == (Wrong.BYTECODE, "kernel/till.py")


def test_bytecode_that_python_would_not_load_is_left_alone(house: House) -> None:
    source = house.path("kernel/till.py")
    py_compile.compile(str(source), doraise=True)
    source.write_text("LIMIT = 20000\n")
    house.sign()

    assert house.verdict().is_good


def test_bytecode_that_cannot_be_read_is_found(house: House) -> None:
    cached = Path(py_compile.compile(str(house.path("kernel/till.py")), doraise=True) or "")
    cached.write_bytes(cached.read_bytes()[:20])

    assert house.verdict().problems[0].wrong is Wrong.BYTECODE


def test_only_a_pinned_key_may_sign(house: House, tmp_path: Path) -> None:
    stranger = SigningKey.make(tmp_path / "stranger.pem")
    sign_build(stranger, house.manifest, themes_path="", version="0.1.0", now_ms=NOW_MS, house=house.folder)

    refused = house.verdict()
    both = BuildSettings((stranger.public.text, house.key.public.text), str(house.manifest))
    taken = verify_build(both, house=house.folder)

    assert "not signed by a pinned key" in refused.unsigned
    assert (taken.is_good, taken.key) == (True, stranger.public.name)


@pytest.mark.parametrize("position", [0, 40, -5])
def test_a_flipped_byte_of_the_manifest_or_its_signature_is_found(house: House, position: int) -> None:
    for path in (house.manifest, signature_path(house.manifest)):
        good = bytearray(path.read_bytes())
        bad = good.copy()
        bad[position] ^= 1
        path.write_bytes(bad)

        assert house.verdict().unsigned

        path.write_bytes(good)


def test_without_key_or_manifest_it_is_called_unsigned(house: House) -> None:
    assert "no public key" in verify_build(BuildSettings(), house=house.folder).unsigned

    house.manifest.unlink()

    assert "no such file" in house.verdict().unsigned
    assert not house.verdict().is_good


@pytest.mark.parametrize("text", ["", "ed25519:", "rsa:" + "A" * 44, "ed25519:!!", "ed25519:AAAA"])
def test_a_wrong_key_is_a_wrong_set_up(text: str) -> None:
    with pytest.raises(SetupFault, match="build keygen"):
        PublicKey.parse(text)


def test_a_key_file_is_for_its_owner_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "k.pem"
    SigningKey.make(path)

    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(SetupFault, match="exists"):
        SigningKey.make(path)
    assert SigningKey.read(path).public.text.startswith("ed25519:")
    (tmp_path / "other.pem").write_text("no key")
    with pytest.raises(SetupFault, match="not a key file"):
        SigningKey.read(tmp_path / "other.pem")


def test_every_package_that_is_installed_is_signed() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    installed = project["tool"]["setuptools"]["packages"]["find"]["include"]

    assert {name.rstrip("*") for name in installed} <= set(HOUSE_FOLDERS)


# The whole house, as processes see it.


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this house in `house`, and in `site` an add-on of somebody else, found by entry point."""
    place = tmp_path_factory.mktemp("place")
    for name in HOUSE_FOLDERS:
        if (HOUSE / name).is_dir():
            shutil.copytree(
                HOUSE / name, place / "house" / name, ignore=shutil.ignore_patterns("__pycache__", "tests")
            )
    (place / "site").mkdir()
    made = sauda(place, "addon", "new", "guest_book", "--in", str(place / "site"))
    assert made.returncode == 0, made.stderr
    info = place / "site" / "sauda_guest_book-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sauda-guest-book\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[sauda.addons]\nguest_book = guest_book\n")
    assert sauda(place, "build", "keygen", "signing.pem").returncode == 0
    signed = sauda(place, "build", "sign", "--key", "signing.pem")
    assert signed.returncode == 0, signed.stderr
    return place


def sauda(
    place: Path, *words: str, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAUDA_")}
    environ["PYTHONDONTWRITEBYTECODE"] = "1"  # each start compares all of it; stories of bytecode are above
    environ["PYTHONPATH"] = os.pathsep.join([str(place / "house"), str(place / "site")])
    line = [sys.executable, "-m", "kernel.cli", *words]
    return subprocess.run(
        line,
        cwd=place,
        env={**environ, **(settings or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def production(place: Path) -> dict[str, str]:
    key = SigningKey.read(place / "signing.pem").public.text
    return {"SAUDA_BUILD__PUBLIC_KEY": key, "SAUDA_CORE__PRODUCTION": "true"}


def test_production_goes_on_when_all_is_signed_and_the_sealing_key_was_brought(place: Path) -> None:
    no_key = sauda(place, "journal", "verify", settings=production(place))
    key = {"SAUDA_SECURITY__SEAL_KEY": "k1:" + base64.b64encode(bytes(32)).decode()}
    gone_on = sauda(place, "journal", "verify", settings=production(place) | key)

    assert "no sealing key" in no_key.stderr
    assert "sauda migrate" in " ".join(gone_on.stderr.split())  # there is no database, but it was looked for


@pytest.mark.parametrize(
    ("words", "name", "change"),
    [
        (
            ["up", "--port", "0"],
            "house/themes/default/tokens.css",
            lambda data: bytes([data[0] ^ 1]) + data[1:],
        ),
        (["worker"], "site/guest_book/models.py", lambda data: data + b"\n"),  # somebody else's counts too
    ],
)
def test_production_refuses_to_start_with_one_altered_file(
    place: Path, words: list[str], name: str, change: Callable[[bytes], bytes]
) -> None:
    path = place / name
    good = path.read_bytes()
    path.write_bytes(change(good))
    try:
        refused = sauda(place, *words, settings=production(place))
    finally:
        path.write_bytes(good)

    assert refused.returncode == 2
    assert path.name in refused.stderr
    assert "altered" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_production_refuses_to_start_without_a_pinned_key(place: Path) -> None:
    refused = sauda(place, "gateway", "--port", "0", settings={"SAUDA_CORE__PRODUCTION": "true"})

    assert refused.returncode == 2
    assert "build.public_key" in refused.stderr


def test_openssl_needs_nothing_of_ours_to_check_the_signature(place: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here")
    (place / "raw.sig").write_bytes(base64.b64decode((place / "house/sauda.build.json.sig").read_bytes()))
    run = [
        ["openssl", "pkey", "-in", "signing.pem", "-pubout", "-out", "public.pem"],
        [
            *("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin"),
            *("-in", "house/sauda.build.json", "-sigfile", "raw.sig"),
        ],
    ]

    for line in run:
        done = subprocess.run(line, cwd=place, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
