"""What Prometheus reads: who may, and whether the numbers are right."""

import errno
import logging

import pytest
from prometheus_client import REGISTRY
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.parser import text_string_to_metric_families

from messaging.models import Message
from reports import metrics, queries
from reports.api import SharedCollector

TOKEN = "metrics-token-for-the-tests"
logger = logging.getLogger("frontdesk.trial")


@pytest.fixture(autouse=True)
def _token(settings):
    settings.METRICS_TOKEN = TOKEN
    settings.METRICS_ALLOWED_NETWORKS = []
    queries.reset_counts()


def read(client):
    return client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_it_is_not_for_strangers(client, settings):
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_a_network_may_be_let_in(client, settings, db):
    settings.METRICS_ALLOWED_NETWORKS = ["10.0.0.0/8"]

    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 401


def test_a_conversation_is_counted(client, clinic, make_channel, post_webhook, payload, drain):
    channel = make_channel(clinic, "evolution")
    before = value("frontdesk_webhooks_total", provider="evolution", status="200")
    turns = value("frontdesk_turn_seconds_count", provider="offline")
    came_in = value("frontdesk_messages_total", direction="in", provider="evolution", outcome="handled")

    post_webhook(channel, payload("evolution/upsert_text.json"))
    drain()

    assert value("frontdesk_webhooks_total", provider="evolution", status="200") == before + 1
    assert value("frontdesk_turn_seconds_count", provider="offline") == turns + 1
    assert value("frontdesk_messages_total", direction="in", provider="evolution", outcome="handled") == came_in + 1
    assert 'frontdesk_webhooks_total{provider="evolution",status="200"}' in read(client)


def test_a_refused_webhook_is_counted_by_wire_and_answer(client, db):
    before = value("frontdesk_webhooks_total", provider="meta", status="404")

    client.post(f"/webhooks/meta/{'x' * 43}", b"{}", content_type="application/json")

    assert value("frontdesk_webhooks_total", provider="meta", status="404") == before + 1


def test_strangers_cannot_invent_labels(client, db):
    logger.warning("webhook_rejected", extra={"provider": "x" * 40, "status": 404})
    logger.warning("send_failed", extra={"provider": "meta", "outcome": "+15550100100 said no"})

    labels = {
        label
        for family in text_string_to_metric_families(read(client))
        for sample in family.samples
        for label in sample.labels.values()
    }
    assert "meta" in labels
    assert not [label for label in labels if "xxxx" in label or "1555" in label]


def test_f45_what_cannot_be_counted_is_said_once_and_stops_nothing(caplog, capfd, monkeypatch):
    def no_room(*labels):
        raise OSError(errno.EFBIG, "File too large")

    monkeypatch.setattr(metrics.TROUBLE, "labels", no_room)
    counter = metrics.EventCounter()
    for _ in range(3):
        counter.handle(logging.makeLogRecord({"msg": "lease_lost"}))

    assert [(record.msg, record.error) for record in caplog.records] == [("counting_failed", "OSError")]
    assert capfd.readouterr().err == ""


def test_a_file_in_which_nothing_was_counted_yet_hides_none_of_the_others(tmp_path):
    (tmp_path / "host").mkdir()
    kept = MmapedDict(str(tmp_path / "host" / "counter_1.db"))
    kept.write_value(mmap_key("frontdesk_trial", "frontdesk_trial_total", [], [], "A trial"), 3.0, 0.0)
    kept.close()
    (tmp_path / "host" / "counter_2.db").touch()  # its process begins, or found no room

    (metric,) = SharedCollector(tmp_path).collect()

    assert [sample.value for sample in metric.samples] == [3.0]


def test_the_queue_and_what_is_stuck_come_from_the_database(
    client, clinic, make_channel, post_webhook, payload, django_assert_max_num_queries
):
    post_webhook(make_channel(clinic, "evolution"), payload("evolution/upsert_text.json"))

    with django_assert_max_num_queries(30):
        page = read(client)

    assert 'frontdesk_queue_due{queue="inbound",task="messaging.process_webhook"} 1.0' in page
    assert 'frontdesk_queue_oldest_seconds{queue="inbound",task="messaging.process_webhook"}' in page
    assert 'frontdesk_incidents{state="dead",work="messaging.message"} 0.0' in page
    assert "frontdesk_database_up 1.0" in page


def test_held_messages_show(client, clinic, make_channel, post_webhook, payload, drain, settings):
    settings.OUTBOUND_REPLY_ENABLED = False
    post_webhook(make_channel(clinic, "evolution"), payload("evolution/upsert_text.json"))
    drain()

    held = Message.objects.filter(state="held").count()
    assert held
    assert f'frontdesk_incidents{{state="held",work="messaging.message"}} {held}.0' in read(client)


def test_candidates_decisions_and_failed_callbacks_are_counted(client, db):
    facts = {"tenant_id": 1, "candidate_id": 2}
    seconds = value("frontdesk_decision_seconds_sum", status="approved")
    before = {
        name: value(name, **labels)
        for name, labels in (
            ("frontdesk_candidates_total", {"status": "approved", "via": "button"}),
            ("frontdesk_prompt_waits_total", {"provider": "evolution"}),
            ("frontdesk_candidate_timeouts_total", {}),
            ("frontdesk_webhook_failures_total", {"kind": "callback"}),
        )
    }
    trial = logging.getLogger("frontdesk.approvals")
    trial.info("candidate_decided", extra={**facts, "status": "approved", "via": "button", "ms": 4000})
    trial.info("prompt_waits", extra={**facts, "provider": "evolution"})
    trial.info("candidate_timed_out", extra=facts)
    trial.info("webhook_failed", extra={"is_callback": True})

    assert (
        value("frontdesk_candidates_total", status="approved", via="button") == before["frontdesk_candidates_total"] + 1
    )
    assert value("frontdesk_prompt_waits_total", provider="evolution") == before["frontdesk_prompt_waits_total"] + 1
    assert value("frontdesk_candidate_timeouts_total") == before["frontdesk_candidate_timeouts_total"] + 1
    assert value("frontdesk_webhook_failures_total", kind="callback") == before["frontdesk_webhook_failures_total"] + 1
    assert value("frontdesk_decision_seconds_sum", status="approved") == seconds + 4
