"""What this software is made of: every locked dependency with its version and licence (`make audit`).

Exit code 1 when a licence is unknown, or one that asks more of us than to be named.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from kernel.commands.output import print_rows

LOCK = Path(__file__).parents[1] / "requirements" / "lock.txt"
_LINE = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+))?", re.MULTILINE)
_FINE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|HPND|0BSD|Unlicense|Zlib|CC0|LGPL|Lesser",
    re.IGNORECASE,
)
_COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
# Where a package says nothing to programs: read in its repository.
KNOWN = {"zxcvbn": "MIT"}


@dataclass(frozen=True, slots=True)
class Dependency:
    """licence: as the package says it; empty when it says nothing, None when it is not installed here."""

    name: str
    version: str
    licence: str | None

    @property
    def is_fine(self) -> bool:
        """Whether its licence is known and asks no more than to be named."""
        return self.licence is None or (
            _FINE.search(self.licence) is not None and _COPYLEFT.search(self.licence) is None
        )


def dependencies(lock: Path = LOCK) -> list[Dependency]:
    """Everything the lock names, by name; what other platforms need is listed without a licence."""
    found = [
        Dependency(name, version, licence_of(name)) for name, version, _ in _LINE.findall(lock.read_text())
    ]
    return sorted(found, key=lambda each: each.name.lower())


def licence_of(name: str) -> str | None:
    """What an installed package says about its licence; None when it is not installed."""
    try:
        metadata = distribution(name).metadata
    except PackageNotFoundError:
        return None
    expression = metadata.get_all("License-Expression")
    if expression:
        return str(expression[0])
    classifiers = [each for each in metadata.get_all("Classifier") or () if each.startswith("License ::")]
    if classifiers:
        return ", ".join(each.rpartition(" :: ")[2] for each in classifiers)
    written = str((metadata.get_all("License") or [""])[0]).strip().partition("\n")[0]
    return KNOWN.get(name, written[:60])


def main() -> int:
    """Print the table; 1 when something in it needs a look."""
    found = dependencies()
    rows = [
        {
            "package": each.name,
            "version": each.version,
            "licence": "(not for this platform)" if each.licence is None else each.licence or "(says none)",
            "note": "" if each.is_fine else "LOOK",
        }
        for each in found
    ]
    print_rows(rows, as_json="--json" in sys.argv)
    return 0 if all(each.is_fine for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
