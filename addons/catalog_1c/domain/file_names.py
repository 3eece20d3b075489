"""Names of files as 1C's clients send them: only labels, for files lie on disk under names of our own."""

from __future__ import annotations

import re

from kernel.errors import Refusal

LENGTH_MAX = 255
_PICTURES = re.compile(
    r"\.(jpe?g|png|gif|bmp|webp|tiff?|svg|ico|pdf|docx?|xlsx?|rtf|mp4|avi|zip\.tmp)$", re.I
)
_IMAGES = re.compile(r"\.(jpe?g|png|webp|gif|bmp)$", re.I)
_DRIVE = re.compile(r"^[A-Za-z]:")
# Parts of the sender's own paths: what stands before the last of them says where the file lies on its side.
_ROOTS = ("webdata/", "upload/1c_catalog/", "upload/1c/")
PICTURE_FOLDER = "import_files/"


def clean_name(text: str) -> str:
    """The name without the sender's own folders: "import0_1.xml", "import_files/ab/cd.jpg".

    Raises Refusal("C1C_NAME_UNSAFE") for names that lead elsewhere ("..", absolute ones, control characters)
    and for empty and endless ones.
    """
    name = text.replace("\\", "/").strip()
    place = name.rfind(PICTURE_FOLDER)
    if place > 0:
        name = name[place:]
    else:
        for root in _ROOTS:
            found = name.rfind(root)
            if found >= 0:
                name = name[found + len(root) :]
    while name.startswith("./"):
        name = name[2:]
    parts = name.split("/")
    if (
        not name
        or len(name) > LENGTH_MAX
        or name.startswith("/")
        or _DRIVE.match(name)
        or any(part in ("", ".", "..") for part in parts)
        or not name.isprintable()
        or any(0xD800 <= ord(each) <= 0xDFFF for each in name)
    ):
        raise Refusal("C1C_NAME_UNSAFE", name=text[:80])
    return name


def is_picture(name: str) -> bool:
    """True for files that hold no goods, by their names."""
    return name.startswith(PICTURE_FOLDER) or _PICTURES.search(name) is not None


def is_image(name: str) -> bool:
    """True for files that goods may name as their picture, by their names; others beside goods are let go."""
    return _IMAGES.search(name) is not None


def last_part(name: str) -> str:
    """The name without folders, in lower case."""
    return name.rpartition("/")[2].lower()
