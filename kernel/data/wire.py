"""Several statements in one packet to a MySQL-protocol server, and all their results read in one go.

The connection is made, and values are escaped, by aiomysql. Its cursors await every packet of a result by
itself and describe every column of every answer anew; here packets are taken out of the bytes that came, and
a description that came before is known by its bytes. A server sends the result of each statement as soon as
it has it, some thirty pieces for a sale: they are taken where they arrive, and the task that waits is woken
once, by the last of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from aiomysql import Connection
from pymysql.connections import TEXT_TYPES
from pymysql.constants import COMMAND, CR, SERVER_STATUS
from pymysql.converters import decoders, through
from pymysql.err import InterfaceError, MySQLError, OperationalError, raise_mysql_exception

SHAPES_MAX = 1_000  # descriptions kept: one for each SELECT of the program
LOST = "Lost connection to MySQL server during query"

HEADER_BYTES = 4  # of a packet: its length in three bytes, its number in one
PAYLOAD_MAX = 0xFFFFFF  # a payload of this size goes on in the next packet
OK, NULL, EOF, ERROR = 0x00, 0xFB, 0xFE, 0xFF  # first bytes
EOF_BYTES_MAX = 8
LENGTH_BYTES = {0xFC: 2, 0xFD: 3, 0xFE: 8}  # of a number that does not fit its first byte
BINARY = 63  # the character set of bytes
FIELD_NAME = 4  # place of the name among the texts that describe a column: catalog, schema, table, its origin

Row = dict[str, Any]
Reader = Callable[[bytes], Any]


class Answer(NamedTuple):
    """Of one statement: rows found by a SELECT and their number, or the number of rows a change matched."""

    matched: int
    rows: list[Row]
    insert_id: int = 0


class Shape(NamedTuple):
    """Columns of an answer: their names, and how their bytes become values."""

    names: tuple[str, ...]
    readers: tuple[Reader, ...]


_shapes: dict[bytes, Shape] = {}


async def converse(
    connection: Connection, statements: Sequence[str]
) -> tuple[list[Answer], MySQLError | None]:
    """Send statements as one packet: their answers, up to the first that the server refused, and that error.

    The server runs nothing after an error. A statement has one answer: CALL is not for here. Raises the
    driver's OperationalError or InterfaceError when the connection is lost or speaks out of turn; it is
    closed then, as after a cancellation.
    """
    packet = ";".join(statements).encode(connection.encoding, "surrogateescape")
    reading = _Reading()
    if connection.closed:
        raise InterfaceError("the connection is closed")
    transport = connection._writer.transport
    stream = transport.get_protocol()
    hearing = _Hearing(reading, connection.loop.create_future())
    transport.set_protocol(hearing)
    try:
        await connection._execute_command(COMMAND.COM_QUERY, packet)
        await hearing.heard
        if reading.error is None and len(reading.answers) != len(statements):
            raise InterfaceError(f"{len(statements)} statements, {len(reading.answers)} answers")
    except asyncio.CancelledError:
        connection._close_on_cancel()
        raise
    except OSError as error:
        connection.close()
        raise OperationalError(CR.CR_SERVER_LOST, f"{LOST} ({error})") from error
    except BaseException:
        connection.close()
        raise
    finally:
        transport.set_protocol(stream)
    connection.server_status = reading.status or connection.server_status
    return reading.answers, reading.error


class _Hearing(asyncio.Protocol):
    """In the place of the driver's stream while one command is answered."""

    __slots__ = ("_reading", "heard")

    def __init__(self, reading: _Reading, heard: asyncio.Future[None]) -> None:
        self._reading = reading
        self.heard = heard

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if self.heard.done():
            return
        try:
            self._reading.feed(data)
        except (MySQLError, ValueError, IndexError) as error:  # not what a server says
            self.heard.set_exception(error)
        else:
            if self._reading.is_over:
                self.heard.set_result(None)

    def eof_received(self) -> None:
        """See asyncio.Protocol."""
        self.connection_lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        if not self.heard.done():
            self.heard.set_exception(exc or OperationalError(CR.CR_SERVER_LOST, LOST))


class _Reading:
    """What the server says to one command, packet by packet."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.error: MySQLError | None = None
        self.status = 0
        self.is_over = False
        self._rest = b""  # of a packet that has not come to its end
        self._begun = b""  # of a payload that goes on in the next packet
        self._number = 1
        self._take = self._take_first
        self._columns_left = 0
        self._columns: list[bytes] = []
        self._shape = Shape((), ())
        self._rows: list[Row] = []

    def feed(self, data: bytes) -> None:
        """Take the packets that are complete now."""
        if self._rest:
            data = self._rest + data
        at, size = 0, len(data)
        while size - at >= HEADER_BYTES:
            length = data[at] | data[at + 1] << 8 | data[at + 2] << 16
            begin = at + HEADER_BYTES
            if size - begin < length:
                break
            if data[at + 3] != self._number:  # a server that ends the connection speaks with number 0
                raise OperationalError(CR.CR_SERVER_LOST, LOST)
            self._number = (self._number + 1) & 0xFF
            at = begin + length
            payload = data[begin:at]
            if length == PAYLOAD_MAX:
                self._begun += payload
                continue
            if self._begun:
                payload, self._begun = self._begun + payload, b""
            self._take(payload)
        self._rest = data[at:]

    def _take_first(self, payload: bytes) -> None:
        if payload[0] == OK:
            count, at = _number(payload, 1)
            insert_id, at = _number(payload, at)
            self.answers.append(Answer(count or 0, [], insert_id or 0))
            self._end(int.from_bytes(payload[at : at + 2], "little"))
        elif payload[0] == ERROR:
            self._fail(payload)
        elif payload[0] == NULL:  # here it asks for a local file
            raise InterfaceError("the server asks for a file")
        else:
            self._columns_left, self._columns = _number(payload, 0)[0] or 0, []
            self._take = self._take_column

    def _take_column(self, payload: bytes) -> None:
        if self._columns_left:
            self._columns_left -= 1
            self._columns.append(payload)
            return
        self._shape = _shape_of(self._columns)  # the packet after the last column says no more than that
        self._rows = []
        self._take = self._take_row

    def _take_row(self, payload: bytes) -> None:
        first = payload[0]
        if first == EOF and len(payload) <= EOF_BYTES_MAX:
            self.answers.append(Answer(len(self._rows), self._rows))
            self._end(int.from_bytes(payload[3:5], "little"))
            return
        if first == ERROR:
            self._fail(payload)
            return
        values: list[Any] = []
        at = 0
        for read in self._shape.readers:
            length = payload[at]
            at += 1
            if length == NULL:
                values.append(None)
                continue
            if length > NULL:
                size = LENGTH_BYTES[length]
                length = int.from_bytes(payload[at : at + size], "little")
                at += size
            end = at + length
            values.append(read(payload[at:end]))
            at = end
        self._rows.append(dict(zip(self._shape.names, values, strict=True)))

    def _end(self, status: int) -> None:
        self.status = status
        self.is_over = not status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS
        self._take = self._take_first

    def _fail(self, payload: bytes) -> None:
        try:
            raise_mysql_exception(payload)
        except MySQLError as error:
            self.error = error
        self.is_over = True


def _number(data: bytes, at: int) -> tuple[int | None, int]:
    """A number of one to nine bytes, and where it ends."""
    first = data[at]
    at += 1
    if first < NULL:
        return first, at
    if first == NULL:
        return None, at
    end = at + LENGTH_BYTES[first]
    return int.from_bytes(data[at:end], "little"), end


def _shape_of(columns: list[bytes]) -> Shape:
    key = b"".join(columns)
    shape = _shapes.get(key)
    if shape is None:
        if len(_shapes) >= SHAPES_MAX:
            _shapes.clear()
        names, readers = zip(*map(_column, columns), strict=True)
        shape = _shapes[key] = Shape(names, readers)
    return shape


def _column(payload: bytes) -> tuple[str, Reader]:
    """Name of a column and what reads its values, as aiomysql would."""
    at = 0
    texts: list[bytes] = []
    while len(texts) <= FIELD_NAME + 1:
        length, at = _number(payload, at)
        texts.append(payload[at : at + (length or 0)])
        at += length or 0
    charset, kind = int.from_bytes(payload[at + 1 : at + 3], "little"), payload[at + 7]
    return texts[FIELD_NAME].decode(), _reader_of(kind, is_binary=charset == BINARY)


def _reader_of(kind: int, *, is_binary: bool) -> Reader:
    if kind in TEXT_TYPES and is_binary:
        return bytes
    convert: Callable[[Any], Any] | None = decoders.get(kind)
    if convert is int:
        return int
    if convert is None or convert is through:
        return bytes.decode
    return lambda data: convert(data.decode())
