"""Files of pictures, found by company and digest: the same picture lies there once and never changes.

All of it blocks: call it in a thread.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

from kernel.ids import new_id

KEEP_S = 3_600  # a file nobody names is kept so long: its row may be on the way


class PictureFiles:
    """Below one folder that all gateways share."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def put(self, company_id: str, content: bytes) -> str:
        """Store a picture, durably; its digest. Doing it again changes nothing but the file's time."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(company_id, digest)
        if path.exists():
            os.utime(path)
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{new_id()}")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return digest

    def get(self, company_id: str, digest: str) -> bytes | None:
        """The bytes of a picture; None when the file is gone."""
        try:
            return self.path(company_id, digest).read_bytes()
        except FileNotFoundError:
            return None

    def path(self, company_id: str, digest: str) -> Path:
        """Where a picture lies. Company and digest are ours: neither holds a separator."""
        return self._folder / company_id / digest[:2] / digest

    def drop(self, company_id: str, digest: str) -> None:
        """Forget a picture, unless it was stored again in the last KEEP_S; a missing one is fine."""
        path = self.path(company_id, digest)
        try:
            if path.stat().st_mtime < time.time() - KEEP_S:
                path.unlink()
        except FileNotFoundError:
            return
