"""The log of one test, and the logging of all others left as it was."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from kernel.config_sections import LogSettings
from kernel.logs import configure_logs


@contextmanager
def logged(settings: LogSettings) -> Iterator[io.StringIO]:
    """Everything that is logged inside, as the settings want it."""
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs(settings, stream)
    structlog.configure(cache_logger_on_first_use=False)  # a kept logger would go on writing here
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
