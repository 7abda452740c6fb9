"""One line per event, short, readable by machines, without what belongs to people."""

import io
import json
import logging
import os

import pytest

from common import context
from common.logs import MAX_BYTES, JsonLine, NonBlockingStdout, ReadableLine


@pytest.fixture
def log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    logger = logging.getLogger("frontdesk.trial")
    logger.addHandler(handler)
    logger.written = stream.getvalue
    yield logger
    logger.removeHandler(handler)


def lines(log):
    return [json.loads(line) for line in log.written().splitlines()]


def test_an_event_is_one_json_line_with_its_ids(log):
    with context.use_context(context.TraceContext("request-0001", "")):
        log.info("webhook_received", extra={"tenant_id": 3, "provider": "meta", "channel_id": None})

    (line,) = lines(log)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "frontdesk.trial",
        "action": "webhook_received",
        "request_id": "request-0001",
        "tenant_id": 3,
        "provider": "meta",
        "channel_id": None,
    }


def test_line_breaks_and_control_characters_stay_inside_the_line(log):
    log.warning('one\ntwo\r{"action": "forged"}\x1b[31m\u2028', extra={"reason": "a\nb"})

    (line,) = lines(log)
    assert line["action"].startswith("one\ntwo ")
    assert "\x1b" not in log.written()


@pytest.mark.parametrize("letter", ["x y", "é ", '" ', "\U0001f600 "])
def test_no_line_is_longer_than_two_kilobytes_and_all_stay_json(log, letter):
    log.warning("long " + letter * 3000, extra={"reason": letter * 3000, "tenant_id": 3})

    (line,) = lines(log)
    assert len(log.written().strip().encode()) <= MAX_BYTES
    assert line["level"] == "WARNING"


def test_the_end_of_a_traceback_is_kept(log):
    try:
        raise ValueError("the +15550100100 reason" + " of it" * 600)
    except ValueError:
        log.exception("work_failed", extra={"work_id": 7})

    (line,) = lines(log)
    assert line["exception"].endswith("of it")
    assert line["work_id"] == 7


def test_a_lone_surrogate_does_not_stop_the_log():
    # Straight to the formatter: the text must not reach pytest's own report, which cannot be sent with it.
    record = logging.makeLogRecord({"msg": "odd \ud800 text", "levelname": "INFO"})

    assert json.loads(JsonLine().format(record))["action"] == "odd ? text"


def test_a_secret_goes_by_its_name(log):
    log.info("set_up", extra={"api_key": "short", "input_tokens": 12})

    assert lines(log)[0]["api_key"] == "…"
    assert lines(log)[0]["input_tokens"] == 12


def test_the_readable_form_cannot_be_forged_either():
    record = logging.makeLogRecord({"msg": "work_failed\n12:00:00.000 paused", "levelname": "ERROR", "work_id": 7})

    assert "\n" not in ReadableLine().format(record)
    assert ReadableLine().format(record).endswith("ERROR work_failed\\n12:00:00.000 paused work_id=7")


def record(action, **fields):
    return logging.makeLogRecord({"msg": action, "levelname": "INFO", "name": "frontdesk.trial", **fields})


def test_f44_a_log_that_nobody_reads_stops_nobody_and_what_was_left_out_is_counted():
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as far, os.fdopen(writer, "w", encoding="utf-8") as near:
        handler = NonBlockingStdout(near)
        handler.setFormatter(JsonLine())

        for number in range(1000):  # far more than a pipe holds
            handler.handle(record("said", text=f"{number} " + "x" * 500))
        assert handler.dropped > 0
        dropped = handler.dropped
        os.set_blocking(reader, False)
        far.read(10_000_000)
        handler.handle(record("heard again"))

        said, heard = far.read(10_000_000).decode().splitlines()
    assert json.loads(said)["action"] == "log_lines_dropped"
    assert json.loads(said)["count"] == dropped
    assert json.loads(heard)["action"] == "heard again"
    assert handler.dropped == 0
