"""The benchmark can be called, and what it writes has one shape; measuring is not a test's business."""

import json
import subprocess
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.db import connection
from django.utils import timezone

from assistant.models import Turn
from benchmarks import chart, due, large, load, outbound, pgbench, report, stages, yardstick
from benchmarks.__main__ import BENCHES
from benchmarks.report import Figure
from common.work import relay
from config import demo
from messaging.models import Attempt, Message, WebhookEvent
from tests.support import kept


def test_the_benchmark_names_its_figures():
    command = [report.ROOT / ".venv/bin/python", "-m", "benchmarks", "--list"]
    done = subprocess.run(command, cwd=report.ROOT, check=True, capture_output=True, text=True)

    assert [line.split()[0] for line in done.stdout.splitlines()] == list(BENCHES)
    assert {"cold-start", "memory", "webhook", "pipeline"} <= set(BENCHES)


def test_a_result_has_its_shape(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    figure = Figure(bench="webhook", name="ratio", value=55.0, unit="%", at_least=60, runs=(50.0, 55.0))

    page = json.loads(report.write([figure], report.machine(), seconds=1.2).read_text())

    assert set(page) == {"at", "commit", "seconds", "machine", "figures"}
    assert page["figures"][0]["verdict"] == "MISSED (>= 60)"
    assert page["figures"][0]["runs"] == [50.0, 55.0]
    assert "| webhook: ratio | 55 % | MISSED (>= 60) | 50 / 55 |" in report.table([figure])


def test_a_slow_figure_is_told_from_a_quick_one():
    def verdict(value):
        return Figure(bench="b", name="n", value=value, unit="ms", at_most=250).verdict

    assert verdict(250).startswith("ok")
    assert verdict(251).startswith("MISSED")


def test_a_rate_is_judged_by_what_the_machine_does_in_the_time_of_a_page():
    quick, slow = (
        report.per_page(Figure(bench="b", name="n", value=value, unit="answers/s"), pages, least=100)
        for value, pages in ((103.3, [20.0, 20.0]), (23.3, [80.0, 95.0]))
    )

    assert (quick.value, quick.unit, quick.verdict) == (2.07, "answers", "ok (>= 2)")
    assert (slow.value, slow.verdict) == (2.04, "ok (>= 2)")
    assert (
        report.per_page(Figure(bench="b", name="n", value=40.0, unit="x/s"), [20.0], least=100).verdict[:6] == "MISSED"
    )


def test_a_page_of_djangos_own_admin_is_shown_and_timed():
    with yardstick.Pages() as pages:
        shown = [pages.shown() for _ in range(2)]

    assert min(shown) > 0
    assert pages.process.returncode == 0
    assert [yardstick.slowness(page) for page in (10.0, 20.0, 50.0, 900.0)] == [1.0, 1.0, 2.5, 12.0]


def test_a_slow_machine_gets_less_work_and_more_time_for_it():
    quick, slow = report.Options(), report.Options(slowness=2.0)

    assert (quick.amount(400), slow.amount(400), slow.amount(400, least=250)) == (400, 200, 250)
    assert (quick.bound(120), slow.bound(120)) == (120, 240)


def test_percentiles_of_few_values():
    assert report.percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert report.percentile([3.0, 1.0, 2.0], 99) == 3.0
    assert report.best_of([1.04, 3.06], smallest=True) == {"value": 1.0, "runs": (1.0, 3.1)}


def test_the_load_client_sends_what_the_door_reads():
    text = load.request(path="/a", body=b'{"b": 1}', headers={"X-Proof": "c"})

    assert text.splitlines()[0] == "POST /a HTTP/1.1"
    assert "X-Proof: c\r\n" in text
    assert text.endswith('Content-Length: 8\r\n\r\n{"b": 1}')


def test_a_window_that_moves_finds_the_busiest_second():
    assert outbound.most_within([0.0, 0.1, 0.9, 1.0, 1.05, 5.0], 1.0) == 4
    assert outbound.most_within([], 1.0) == 0


def test_pgbench_is_read():
    report = (
        "latency average = 1.042 ms\ninitial connection time = 9.1 ms\ntps = 15350.2 (without initial connection time)"
    )

    assert pgbench.parse(report) == pgbench.Rate(per_second=15350.2, milliseconds=1.042)
    with pytest.raises(RuntimeError):
        pgbench.parse("pgbench: error: no such table")


@pytest.mark.django_db
def test_finding_due_work_is_measured_at_each_size():
    demo.load_demo()
    found = due.costs((100, 300), runs=2)

    assert list(found) == ["100", "300"]
    assert set(found["300"]) == set(due.LOOKS)
    assert next(figure.name for figure in due.figures("SQLite", found)) == "SQLite, due query with 300 waiting"
    assert Message.objects.filter(state="queued", due_at__gt=timezone.now()).count() == 300
    assert len(list(relay.due_rows())) == due.DUE


@pytest.mark.django_db
def test_the_time_in_each_stage_is_read_from_the_rows(session):
    begun = timezone.now()
    moments = [begun + timedelta(milliseconds=100 * number) for number in range(6)]
    event = WebhookEvent.objects.create(provider="meta", body=b"{}", request_id="r1")
    WebhookEvent.objects.filter(pk=event.pk).update(received_at=moments[0])
    rows = {"tenant": session.tenant, "conversation": session, "channel": session.channel}
    asked = Message.objects.create(**rows, direction="in", purpose="customer", request_id="r1", external_id="a")
    said = Message.objects.create(**rows, direction="out", purpose="assistant", request_id="r1", external_id="b")
    turn = Turn.objects.create(tenant=session.tenant, conversation=session, wanted=asked, request_id="r1")
    tried = Attempt.objects.create(message=said, outcome="accepted", finished_at=moments[5])
    Message.objects.filter(pk=asked.pk).update(created_at=moments[1])
    Turn.objects.filter(pk=turn.pk).update(first_at=moments[2])
    Message.objects.filter(pk=said.pk).update(created_at=moments[3])
    Attempt.objects.filter(pk=tried.pk).update(started_at=moments[4])
    with connection.cursor() as cursor:
        cursor.execute(stages.QUERY, [0])
        # SQLite hands out moments as text.
        rows = [[datetime.fromisoformat(str(moment)) for moment in row] for row in cursor.fetchall()]

    assert [[round(value) for value in row] for row in stages.lengths(rows)] == [[100] * 5]


def test_the_picture_shows_what_was_measured(tmp_path):
    figures = [
        Figure(bench="webhook", name="product, 16 clients", value=300.0, unit="requests/s"),
        Figure(bench="webhook", name="bare insert, 16 clients", value=600.0, unit="requests/s"),
        Figure(bench="lists", name="<slow> list, p95", value=300.0, unit="ms", at_most=150),
    ]
    chart.draw(figures, tmp_path / "images" / "bench.svg")
    page = (tmp_path / "images" / "bench.svg").read_text()

    assert ET.fromstring(page).tag.endswith("svg")
    assert "&lt;slow&gt; list" in page
    assert page.count('class="missed"') == 1


def test_a_result_can_be_shown_again(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    figure = Figure(bench="webhook", name="ratio", value=55.0, unit="%", at_least=60, runs=(50.0, 55.0))
    path = report.write([figure], {}, seconds=1.2)

    assert report.table(report.read(path)) == report.table([figure])


def test_what_is_kept_of_the_large_business_changes_with_the_migrations(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    (tmp_path / "messaging" / "migrations").mkdir(parents=True)
    before = kept.state_of(large.SOURCES)
    (tmp_path / "messaging" / "migrations" / "0002_more.py").write_text("")

    assert kept.state_of(large.SOURCES) != before
