"""A thermal printer that prints into memory: reads ESC/POS and remembers what would be on its paper."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

# Slots of code pages in the printers of python-escpos' list.
CODE_PAGES = {17: "cp866", 59: "cp866", 46: "cp1251", 53: "kz1048"}


@dataclass
class Printer:
    """What came out, from the top: lines of text, pictures and QR codes, with what else was done."""

    columns: int
    codec: str = "cp437"
    is_bold: bool = False
    is_inverted: bool = False
    wide: int = 1
    high: int = 1
    printed: list[str | Image.Image | tuple[str, int]] = field(default_factory=list)
    looks: list[tuple[str, bool, bool, int, int]] = field(default_factory=list)
    cuts: int = 0
    drawers: int = 0
    _line: bytearray = field(default_factory=bytearray)
    _qr: str = ""
    _qr_size: int = 0

    def feed(self, data: bytes) -> Printer:
        """Print the job. Raises AssertionError for a command no printer of ours gets."""
        place = 0
        while place < len(data):
            place = self._step(data, place)
        assert not self._line, "the job ends inside of a line"
        return self

    @property
    def lines(self) -> list[str]:
        """Lines of text alone."""
        return [each for each in self.printed if isinstance(each, str)]

    @property
    def pictures(self) -> list[Image.Image]:
        return [each for each in self.printed if isinstance(each, Image.Image)]

    @property
    def qr_codes(self) -> list[str]:
        """Texts of the codes the printer drew itself."""
        return [each[0] for each in self.printed if isinstance(each, tuple)]

    def strip(self) -> Image.Image:
        """All pictures below each other, as on the paper."""
        width = max(each.width for each in self.pictures)
        whole = Image.new("L", (width, sum(each.height for each in self.pictures)), 255)
        top = 0
        for each in self.pictures:
            whole.paste(each, (0, top))
            top += each.height
        return whole

    def _step(self, data: bytes, place: int) -> int:
        command = data[place]
        if command == 0x1B:
            return self._escape(data, place + 1)
        if command == 0x1D:
            return self._group(data, place + 1)
        if command == 0x0A:
            text = self._line.decode(self.codec)
            assert len(text) * self.wide <= self.columns, f"{text!r} is wider than the paper"
            self.printed.append(text)
            self.looks.append((text, self.is_bold, self.is_inverted, self.wide, self.high))
            self._line.clear()
            return place + 1
        assert command >= 0x20, hex(command)
        self._line.append(command)
        return place + 1

    def _escape(self, data: bytes, place: int) -> int:
        command, first = chr(data[place]), data[place + 1]
        match command:
            case "@":
                return place + 1
            case "t":
                self.codec = CODE_PAGES[first]
            case "E":
                self.is_bold = first == 1
            case "!":
                self.wide, self.high = 2 if first & 0x20 else 1, 2 if first & 0x10 else 1
            case "a":
                pass
            case "d":
                self.printed += [""] * first
            case "p":
                self.drawers += 1
                return place + 4
            case _:
                raise AssertionError(f"ESC {command}")
        return place + 2

    def _group(self, data: bytes, place: int) -> int:
        command = chr(data[place])
        match command:
            case "V":
                self.cuts += 1
                return place + 2
            case "B":
                self.is_inverted = data[place + 1] == 1
                return place + 2
            case "v":
                return self._raster(data, place)
            case "(":
                return self._two_dimensional(data, place)
        raise AssertionError(f"GS {command}")

    def _raster(self, data: bytes, place: int) -> int:
        assert not self._line, "a picture begins inside of a line"
        width = int.from_bytes(data[place + 3 : place + 5], "little") * 8
        height = int.from_bytes(data[place + 5 : place + 7], "little")
        begin = place + 7
        end = begin + width * height // 8
        ink = Image.frombytes("1", (width, height), data[begin:end])
        self.printed.append(ink.point([255] + [0] * 255, "L"))
        return end

    def _two_dimensional(self, data: bytes, place: int) -> int:
        length = int.from_bytes(data[place + 2 : place + 4], "little")
        body = data[place + 4 : place + 4 + length]
        if body[1] == 67:
            self._qr_size = body[2]
        elif body[1] == 80:
            self._qr = body[3:].decode()
        elif body[1] == 81:
            self.printed.append((self._qr, self._qr_size))
        return place + 4 + length
