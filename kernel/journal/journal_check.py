"""Checks exported journals: python3 -I -S journal_check.py [--shifts] [FOLDER]

Needs Python 3.9 or newer and nothing else: no network, no packages, nothing of Sauda. FOLDER is the one with
the index files; the one this file lies in when it is left out. Exit code: 0 all is whole, 1 something is
not, 2 there is nothing to check.

Checked are, for every register and period: the files are those the manifest names (SHA-256); every entry
follows the one before by its digest

    SHA-256(previous digest, company, lane, seq, kind, at_ms, body), the parts but the last ended by a line
    feed,

from the head of the chain before the period to the head after it; the counts by kind; opened texts are what
was sealed (SHA-256(salt + text) is the commitment in the body, and the open face of an entry says the same
as its text); each period of a register continues the one before; each closed shift has the digest its Z
report bears, chained over its documents,

    SHA-256(digest before, at_ms, sum, kind, user, register), each part ended by a line feed.

--shifts shows them, to be compared with the papers.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

FORMAT = "sauda-journal-1"
GENESIS = "0" * 64
TOLD_MAX = 20  # problems told of one register and period
COUNTED, CLOSE = "fiscal_kz.counted", "CLOSE"  # the entry of a fiscal document, and the one that ends a shift
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)


class Shift:
    """The documents of a register's shift so far. is_known: its beginning lies in the archive."""

    def __init__(self, register: str, is_known: bool) -> None:
        self.register = register
        self.number: int | None = None
        self.is_known = is_known
        self.digest, self.documents = GENESIS, 0
        self.closed: list[str] = []

    def take(self, face: dict[str, Any]) -> str:
        """What is wrong with a document; "" when nothing is, or nobody can know."""
        if face["shift"] != self.number:
            self.is_known = self.is_known or self.number is not None
            self.number, self.digest, self.documents = face["shift"], GENESIS, 0
        if face["op"] != CLOSE:
            parts = (self.digest, face["at_ms"], face["sum"], face["op"], face["user"], self.register)
            self.digest = hashlib.sha256("".join(f"{part}\n" for part in parts).encode()).hexdigest()
            self.documents += 1
            return ""
        told, found = (face["digest"], face["documents"]), (self.digest, self.documents)
        self.closed.append(f"shift {self.number}: {told[1]} documents, digest {told[0]}")
        if self.is_known and told != found:
            said = f"closes shift {self.number} with {told[1]} documents, digest {told[0]}"
            return f"{said}; here are {found[1]}, {found[0]}"
        return ""


class Check:
    """What was found in one folder."""

    def __init__(self, folder: str, *, is_telling_shifts: bool = False) -> None:
        self.folder = folder
        self.is_telling_shifts = is_telling_shifts
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.entries = 0

    def run(self) -> None:
        """Check every index and every manifest in the folder."""
        listed = self._indexes()
        by_lane: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        for path in self._files(".manifest.json"):
            if path not in listed:
                self.problems.append(f"{path}: no index names it")
            manifest = self._object(path)
            if not manifest:
                continue
            try:
                if manifest["format"] != FORMAT:
                    raise ValueError(f"format {manifest['format']} is unknown")
                by_lane.setdefault(manifest["lane"], []).append((path, manifest))
            except UNREADABLE as error:
                self.problems.append(f"{path}: cannot be used: {error!r}")
        for lane, found in sorted(by_lane.items()):
            self._lane(lane, found)

    def _lane(self, lane: str, found: list[tuple[str, dict[str, Any]]]) -> None:
        """All periods of a register, in the order of its chain."""
        usable = []
        try:
            found.sort(key=lambda each: (each[1]["seq_before"], -each[1]["seq_last"], each[1]["from_ms"]))
            begin = reached = found[0][1]["seq_before"]
        except UNREADABLE as error:
            self.problems.append(f"{lane}: its manifests cannot be used: {error!r}")
            return
        shift = Shift(lane.partition(":")[2], is_known=begin == 0)
        for path, manifest in found:
            is_next = manifest["seq_before"] == reached  # not a day beside the month that holds it
            try:
                self._period(path, manifest, shift if is_next else None)
                usable.append(manifest)
                reached = max(reached, manifest["seq_last"])
            except UNREADABLE as error:
                self.problems.append(f"{path}: cannot be used: {error!r}")
        if self.is_telling_shifts:
            self.notes += [f"{lane}: {each}" for each in shift.closed]
        if usable:
            self._continuity(lane, usable)

    def _indexes(self) -> set[str]:
        listed: set[str] = set()
        for path in self._files(".index.json"):
            try:
                lanes = [(each["manifest"], each["sha256"]) for each in self._object(path).get("lanes", [])]
            except UNREADABLE:
                self.problems.append(f"{path}: cannot be used")
                continue
            for name, sha256 in lanes:
                listed.add(name)
                data = self._bytes(name)
                if data is None:
                    self.problems.append(f"{path}: {name} is missing")
                elif hashlib.sha256(data).hexdigest() != sha256:
                    self.problems.append(f"{path}: {name} was altered")
        return listed

    def _period(self, path: str, manifest: dict[str, Any], shift: Shift | None) -> None:
        name = f"{manifest['lane']} {manifest['period']}"
        problems = list(self._lines(os.path.dirname(path), manifest, shift))
        self.problems += [f"{name}: {each}" for each in problems[:TOLD_MAX]]
        if len(problems) > TOLD_MAX:
            self.problems.append(f"{name}: and {len(problems) - TOLD_MAX} more")
        for gap in manifest["gaps"]:
            self.notes.append(
                f"{name}: entries {gap['from_seq']} to {gap['to_seq']} prove nothing: released after an"
                f" investigation by {gap['actor_id']}, at_ms {gap['at_ms']}: {gap['reason']}"
            )
        verdict = "BROKEN" if problems else "whole"
        open_end = "" if manifest["is_complete"] else ", the period was not over yet"
        self.notes.append(
            f"{name}: {verdict}, {manifest['entries']} entries, head {manifest['head_after']}{open_end}"
        )

    def _lines(self, folder: str, manifest: dict[str, Any], shift: Shift | None) -> Iterator[str]:
        file_name, whole, size, number = manifest["file"], hashlib.sha256(), 0, 0
        seq, head = manifest["seq_before"], manifest["head_before"]
        kinds: dict[str, int] = {}
        try:
            with open(os.path.join(self.folder, folder, file_name), "rb") as file:
                for data in file:
                    whole.update(data)
                    size, seq, number = size + len(data), seq + 1, number + 1
                    try:
                        entry = json.loads(data)
                        broken = self._entry(entry, seq, head, manifest)
                        seq, head, kind = entry["seq"], entry["digest"], entry["kind"]
                        kinds[kind] = kinds.get(kind, 0) + 1
                        if shift is not None and kind == COUNTED and entry["body"].startswith("j1."):
                            broken = broken or shift.take(json.loads(entry["body"].split(".", 4)[4]))
                    except UNREADABLE as error:
                        yield f"line {number} cannot be read: {error!r}"
                        continue
                    if broken:
                        yield f"line {number}, entry {seq} ({kind}, at_ms {entry['at_ms']}) {broken}"
        except OSError:
            yield f"{file_name} is missing"
            return
        self.entries += sum(kinds.values())
        if size != manifest["bytes"] or whole.hexdigest() != manifest["sha256"]:
            yield f"{file_name} is not the file the manifest was made of"
        if seq != manifest["seq_last"] or sum(kinds.values()) != manifest["entries"]:
            yield f"the last entry here is {seq}, the manifest ends with {manifest['seq_last']}"
        if kinds != manifest["kinds"]:
            yield "the counts by kind are not those of the manifest"
        if head != manifest["head_after"]:
            yield "the head after the last entry is not that of the manifest"

    def _entry(self, entry: dict[str, Any], seq: int, head: str, manifest: dict[str, Any]) -> str:
        """What is wrong with an entry; "" when nothing is."""
        if entry["seq"] != seq:
            return f"is number {entry['seq']}: one is missing, or they are not in order"
        header = (head, manifest["company"], manifest["lane"], seq, entry["kind"], entry["at_ms"])
        text = "".join(f"{part}\n" for part in header) + entry["body"]
        if hashlib.sha256(text.encode()).hexdigest() != entry["digest"]:
            return "does not follow the one before: it, or the digest before it, was altered"
        if "plain" not in entry:
            is_due = manifest["is_opened"] and not entry["body"].startswith("{")
            return "has no opened text" if is_due else ""
        parts = entry["body"].split(".", 4)
        if hashlib.sha256(bytes.fromhex(entry["salt"]) + entry["plain"].encode()).hexdigest() != parts[2]:
            return "was opened to another text than was sealed"
        plain = json.loads(entry["plain"])
        if any(plain.get(name, value) != value for name, value in json.loads(parts[4] or "{}").items()):
            return "says something else in the open than in its text"
        return ""

    def _continuity(self, lane: str, manifests: list[dict[str, Any]]) -> None:
        first = manifests[0]
        if first["seq_before"]:
            self.notes.append(
                f"{lane}: begins after entry {first['seq_before']}; what was before is not here"
            )
        elif first["head_before"] != GENESIS:
            self.problems.append(f"{lane}: the first entry does not begin the chain")
        ends = {first["seq_before"]: first["head_before"]}
        reached = first["seq_before"]
        for each in manifests:
            before, period = each["seq_before"], each["period"]
            if before > reached:
                self.problems.append(
                    f"{lane}: entries {reached + 1} to {before}, before {period}, are missing"
                )
            elif ends.get(before, each["head_before"]) != each["head_before"]:
                self.problems.append(f"{lane}: {period} does not continue the period before")
            if ends.setdefault(each["seq_last"], each["head_after"]) != each["head_after"]:
                self.problems.append(f"{lane}: {period} ends with another head than a period beside it")
            reached = max(reached, each["seq_last"])

    def _files(self, suffix: str) -> list[str]:
        found = [
            os.path.relpath(os.path.join(place, name), self.folder).replace(os.sep, "/")
            for place, _, names in os.walk(self.folder)
            for name in names
            if name.endswith(suffix)
        ]
        return sorted(found)

    def _bytes(self, path: str) -> bytes | None:
        try:
            with open(os.path.join(self.folder, path), "rb") as file:
                return file.read()
        except OSError:
            return None

    def _object(self, path: str) -> dict[str, Any]:
        try:
            value = json.loads(self._bytes(path) or b"")
        except ValueError:
            value = None
        if not isinstance(value, dict):
            self.problems.append(f"{path}: cannot be read")
            return {}
        return value


def main(arguments: list[str]) -> int:
    """The exit code."""
    folders = [each for each in arguments if each != "--shifts"]
    folder = folders[0] if folders else os.path.dirname(os.path.abspath(__file__))
    check = Check(folder, is_telling_shifts="--shifts" in arguments)
    check.run()
    if not check.notes and not check.problems:
        sys.stdout.write(f"nothing to check in {folder}\n")
        return 2
    for line in check.notes + check.problems:
        sys.stdout.write(f"{line}\n")
    verdict = f"{len(check.problems)} problems" if check.problems else "all is whole"
    sys.stdout.write(f"{check.entries} entries checked: {verdict}\n")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
