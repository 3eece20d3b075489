"""A new add-on from small template files: everything an add-on usually has, each thing once, green at once.

The templates are plain text beside this file; `$name` and the like are filled in.
"""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from kernel.errors import Refusal

TEMPLATES = Path(__file__).parent / "files"
SUFFIX = ".tmpl"

_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")
_SHORT = re.compile(r"[a-z][a-z0-9]{1,10}")


def write_addon(folder: Path, name: str, *, short: str) -> Path:
    """Folder of the new add-on `folder/name`.

    short: the field it adds to other types and the prefix of its tables, at most 10 letters.
    Raises Refusal("ADDON_NAME_MALFORMED"), ("ADDON_EXISTS").
    """
    if not _NAME.fullmatch(name) or not _SHORT.fullmatch(short[:10]):
        raise Refusal("ADDON_NAME_MALFORMED", name=name)
    target = folder / name
    if target.exists():
        raise Refusal("ADDON_EXISTS", folder=str(target))
    is_house = folder.resolve().name == "addons" and (folder / "__init__.py").exists()
    words = {
        "name": name,
        "short": short[:10],
        "package": f"addons.{name}" if is_house else name,
        "Name": "".join(part.capitalize() for part in name.split("_")),
        "NAME": name.upper(),
        "title": name.replace("_", " ").capitalize(),
    }
    for template in sorted(TEMPLATES.rglob(f"*{SUFFIX}")):
        path = target / str(template.relative_to(TEMPLATES)).removesuffix(SUFFIX)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(template.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
    return target
