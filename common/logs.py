"""One line per event: its name under `action`, its ids, nothing of people."""

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
    """The record as a flat mapping: what happened, ids, and the redacted text of an exception."""
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
    """JSON, one object per line, at most 2 kB."""

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
    """For a terminal: time, level, event, ids; the lines of an exception are marked, so that nobody can forge one."""

    def format(self, record: logging.LogRecord) -> str:
        line = event(record)
        when = line.pop("time")[11:23]
        level, action, exception = line.pop("level"), line.pop("action"), line.pop("exception", "")
        line.pop("logger")
        ids = " ".join(f"{name}={value}" for name, value in line.items() if value not in ("", None))
        mark = "" if level == "INFO" else f"{level} "
        text = f"{when} {mark}{action} {ids}".rstrip().replace("\n", "\\n").replace("\t", " ")
        return text[:MAX_BYTES] + "".join(f"\n    | {row}" for row in exception.splitlines())


class NotExplained(logging.Filter):
    """Lets through what Django says of answers, but for 503: whoever gives that one has logged its reason.

    A stranger can ask for it again and again, where a secret is not set, and must not write errors into our log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is written."""
        return getattr(record, "status_code", None) != 503


class OutHandler(logging.StreamHandler[TextIO]):
    """Writes to the standard output, which may be a pipe that nobody reads: work never waits for its log.

    A line that would have to wait is dropped and counted, and the count is the next line that can be written.
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
        except (AttributeError, OSError, ValueError):  # a stream of a test, or one that is closed
            return False
        # Not O_NONBLOCK: the pipe is shared with whatever else writes to it, which may not know of that.
        poller = select.poll()
        poller.register(number, select.POLLOUT)
        return not poller.poll(0)


def _plain(name: str, value: Any) -> Any:
    if value is None or isinstance(value, (int, float, bool)):
        return value
    return "…" if is_secret_name(name) else redact(str(value))


def _dump(line: dict[str, Any]) -> str:
    # Lone surrogates cannot be written; UTF-8 lines are.
    return json.dumps(line, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
