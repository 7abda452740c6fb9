"""Log formatters and handlers: one line per event, with its name under `action` and its ids, without personal data."""

from __future__ import annotations

import json
import logging
import select
from datetime import UTC, datetime
from typing import Any, TextIO

from common import context
from common.text.redaction import is_secret_name, redact, redact_end

MAX_BYTES = 2000
_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def event(record: logging.LogRecord) -> dict[str, Any]:
    """Return the record as a flat mapping: the event, ids, and the redacted text of an exception."""
    here = context.current()
    line: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "action": redact(record.getMessage()),
    }
    if here.request_id:
        line["request_id"] = here.request_id
    if here.traceparent:
        line["traceparent"] = here.traceparent
    for name, value in record.__dict__.items():
        if name not in _STANDARD and not name.startswith("_") and name not in line:
            line[name] = _plain(name, value)
    if record.exc_info:
        line["exception"] = redact_end(logging.Formatter().formatException(record.exc_info))
    return line


class JsonLine(logging.Formatter):
    """One JSON object per line, at most 2 kB."""

    def format(self, record: logging.LogRecord) -> str:
        line = event(record)
        text = _dump(line)
        while (surplus := len(text.encode()) - MAX_BYTES) > 0:
            name = max((key for key in line if isinstance(line[key], str)), key=lambda key: len(line[key]))
            keep = max(0, len(line[name]) - surplus - 1)
            # The end of a traceback says more than its beginning.
            line[name] = "…" + line[name][-keep:] if name == "exception" and keep else line[name][:keep] + "…"
            if keep == 0:
                line = {key: line[key] for key in ("time", "level", "logger", "action") if key in line}
            text = _dump(line)
        return text


class ReadableLine(logging.Formatter):
    """For a terminal: time, level, event, ids. Exception lines are marked: no text can imitate an event."""

    def format(self, record: logging.LogRecord) -> str:
        line = event(record)
        when = line.pop("time")[11:23]
        level, action, exception = line.pop("level"), line.pop("action"), line.pop("exception", "")
        line.pop("logger")
        ids = " ".join(f"{name}={value}" for name, value in line.items() if value not in ("", None))
        mark = "" if level == "INFO" else f"{level} "
        text = f"{when} {mark}{action} {ids}".rstrip().replace("\n", "\\n").replace("\t", " ")
        return text[:MAX_BYTES] + "".join(f"\n    | {row}" for row in exception.splitlines())


class DropServiceUnavailable(logging.Filter):
    """Drops Django's own log lines about 503 responses: the code that answers with 503 logs the reason itself.

    A stranger can request a 503 again and again where a secret is not set, and must not be able to fill our log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is written."""
        return getattr(record, "status_code", None) != 503


class NonBlockingStdout(logging.StreamHandler[TextIO]):
    """Writes to standard output without blocking when it is a pipe that nobody reads.

    A line that would block is dropped and counted; the count is written as soon as writing is possible again.
    """

    dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        if self._would_wait():
            self.dropped += 1
            return
        if self.dropped:
            count, self.dropped = self.dropped, 0
            told = {"msg": "log_lines_dropped", "name": "frontdesk.logs", "levelname": "WARNING", "count": count}
            super().emit(logging.makeLogRecord(told))
        super().emit(record)

    def _would_wait(self) -> bool:
        try:
            number = self.stream.fileno()
        except (AttributeError, OSError, ValueError):  # a stream of a test, or a closed one
            return False
        # Not O_NONBLOCK: other programs may write to the same pipe and not expect it.
        poller = select.poll()
        poller.register(number, select.POLLOUT)
        return not poller.poll(0)


def _plain(name: str, value: Any) -> Any:
    if value is None or isinstance(value, (int, float, bool)):
        return value
    return "…" if is_secret_name(name) else redact(str(value))


def _dump(line: dict[str, Any]) -> str:
    # Lone surrogates cannot be written; the output is UTF-8.
    return json.dumps(line, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
