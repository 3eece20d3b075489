"""Logs: one JSON object a line for machines, secrets blotted out, tracebacks without local variables."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from kernel.config_sections import LogFormat, LogSettings
from kernel.logs import HIDDEN, TEXT_MAX
from kernel.testing.logs import logged


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    with logged(LogSettings(format=LogFormat.JSON)) as made:
        yield made


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_secrets_never_reach_a_log(stream: io.StringIO) -> None:
    structlog.get_logger("test").info("signed in", token="t0p", Password="s3cret", pin="1234", user="aigul")

    (line,) = lines(stream)
    assert (line["token"], line["Password"], line["pin"], line["user"]) == (HIDDEN, HIDDEN, HIDDEN, "aigul")


def test_lines_of_a_request_carry_its_id_and_long_texts_are_cut(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("test").warning("odd", body="x" * (TEXT_MAX + 100))

    (line,) = lines(stream)
    assert line["request_id"] == "r1"
    assert line["level"] == "warning"
    assert len(line["body"]) == TEXT_MAX + 1


def test_a_traceback_tells_where_and_never_shows_variables(stream: io.StringIO) -> None:
    customer_phone = "+7 700 123 45 67"
    try:
        raise ValueError("no such shelf")
    except ValueError:
        structlog.get_logger("test").exception("failed")

    (line,) = lines(stream)
    assert "ValueError: no such shelf" in line["exception"]
    assert customer_phone not in stream.getvalue()


def test_libraries_speak_through_the_same_stream_from_warnings_on(stream: io.StringIO) -> None:
    logging.getLogger("tortoise.db").info("chatter")
    logging.getLogger("uvicorn.error").warning("too many open files")

    assert [line["event"] for line in lines(stream)] == ["too many open files"]
