"""Logs: one event per line, as JSON for machines or coloured for people, with the request or job it belongs
to.

What is logged is decided where it happens; here only how it looks and what must never be seen.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import Processor

from kernel.config_sections import LogFormat, LogSettings

# Keys whose values never reach a log, whoever logs them.
SECRET_KEYS = frozenset(
    {"authorization", "cookie", "password", "pin", "secret", "seal_key", "token", "ofd_token", "access_token"}
)
# Tokens of ours wherever they stand (kernel.security.api_tokens): their visible beginning stays.
TOKEN = re.compile(r"(sauda_[a-z]+_[0-9A-Za-z]{4})[0-9A-Za-z]{34}")
HIDDEN = "…"
TEXT_MAX = 4_000  # characters of one text value; tracebacks are longer and whole

# Libraries whose chatter below a warning is of no use to anybody here.
QUIET = (
    "uvicorn.access",
    "uvicorn.error",
    "tortoise",
    "aiosqlite",
    "asyncio",
    "strawberry",
    "websockets",
    "httpx",
    "httpcore",
)


def configure_logs(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Route structlog and the standard library's logging to one stream; call once, at start."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
    ]
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(settings.format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        quiet = logging.getLogger(name)
        quiet.handlers.clear()
        quiet.propagate = True
        quiet.setLevel(max(level, logging.WARNING))


def hide_secrets(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blot out values under secret names and cut texts nobody can read anyway."""
    for key, value in event.items():
        if key.lower() in SECRET_KEYS:
            event[key] = HIDDEN
        elif isinstance(value, str):
            if "sauda_" in value:
                event[key] = value = TOKEN.sub(rf"\1{HIDDEN}", value)
            if len(value) > TEXT_MAX:
                event[key] = value[:TEXT_MAX] + HIDDEN
    return event


def _rendering(form: LogFormat) -> list[Processor]:
    # Tracebacks carry no local variables: those hold tokens and people's data.
    if form is LogFormat.JSON:
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
    ]


def _json(event: object, **_: object) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
