"""The hand-off to n8n: each row of wire/n8n.md sections 4 and 5 ends in exactly one message, or in what it asks for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assistant.models import Handoff, Turn
from assistant.services import n8n
from common.models import CircuitBreaker
from common.work.rows import State, now_plus_seconds
from messaging import services as messaging
from messaging.models import Conversation
from tenants.services import rotate_signing_secret
from tests.support.fake_llm import said

FIXED = "Sorry, I cannot answer right now. Please write again in a few minutes."
STARTED = {"body": {"message": "Workflow got started"}}


def pass_deadline():
    Handoff.objects.update(deadline_at=timezone.now() - timezone.timedelta(seconds=1))
    Turn.objects.filter(state=State.QUEUED).update(due_at=now_plus_seconds(-1))


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ({"reply": "Hi."}, ["Hi."]),
        ({"reply": {"text": "Hi."}, "unknown": 1}, ["Hi."]),
        ({"replies": [{"text": "One."}, {"text": "Two."}]}, ["One.", "Two."]),
        ([{"reply": "First."}, {"reply": "Second."}], ["First."]),
        ({"output": "Out."}, ["Out."]),
        ({"text": "Text."}, ["Text."]),
        ({"message": "Message."}, ["Message."]),
        ({"reply": "A\n\nB"}, ["A\n\nB"]),
        ({"ignore": True}, []),
        ({"handoff": True, "reason": "angry"}, []),
        ({"replies": [{"text": "x"}] * 4}, [FIXED]),
        ({"reply": 5}, [FIXED]),
        ({"reply": ""}, [FIXED]),
        ({"reply": "x" * 4097}, [FIXED]),
        ({"reply": '{"json": true}'}, [FIXED]),
        ({"reply": "The key is sk-abcdefghijklmnopqrstuvwx"}, [FIXED]),
        ({"nothing": "known"}, [FIXED]),
        ("a text", [FIXED]),
        (None, [FIXED]),
    ],
)
def test_each_synchronous_answer(workflow, say, drain, outbox, body, texts):
    workflow.script({"body": body})
    say("Hello there, my friend.")

    drain()

    assert outbox() == texts
    assert Conversation.objects.get().is_paused == (isinstance(body, dict) and "handoff" in body)
    assert Turn.objects.get().state == State.DONE


def test_a_tenant_with_its_own_secret_signs_hand_offs_with_it(workflow, settings, say, drain):
    from standardwebhooks import Webhook, WebhookVerificationError

    settings.WEBHOOK_SIGNING_SECRET = "whsec_ZnJvbnRkZXNrLXRlc3Qtc2VjcmV0LTAxMjM0NTY3ODk="
    workflow.script({"body": {"reply": "Hi."}})
    tenant = say("Hello there, my friend.").tenant
    own = rotate_signing_secret(tenant=tenant, by="tests", hours=0).secret

    drain()

    asked = workflow.asked[0]
    Webhook(own).verify(asked.raw.decode(), asked.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(settings.WEBHOOK_SIGNING_SECRET).verify(asked.raw.decode(), asked.headers)


def test_the_request_says_what_the_contract_says(workflow, settings, say, drain):
    from standardwebhooks import Webhook

    settings.WEBHOOK_SIGNING_SECRET = "whsec_ZnJvbnRkZXNrLXRlc3Qtc2VjcmV0LTAxMjM0NTY3ODk="
    workflow.script({"body": {"reply": "Hi."}})
    message = say("Hello there, my friend.")

    drain()

    asked = workflow.asked[0]
    body = asked.body
    Webhook(settings.WEBHOOK_SIGNING_SECRET).verify(asked.raw.decode(), asked.headers)
    assert asked.headers["authorization"] == "Bearer n8n-key"
    assert asked.headers["x-n8n-api-key"] == "n8n-key"
    assert asked.headers["webhook-id"] == asked.headers["idempotency-key"] == body["id"]
    assert (body["type"], body["version"]) == ("message.received", 1)
    assert body["tenant"] == {
        "slug": "clinic", "name": "Example Dental", "timezone": "America/Sao_Paulo", "language": "en"
    }  # fmt: skip
    assert body["message"]["id"] == message.external_id
    assert body["message"]["text"] == "Hello there, my friend."
    assert body["contact"]["phone"] == "+15550100111"
    assert body["history"][-1]["role"] == "user"
    token = body["reply"]["url"].rpartition("/")[2]
    assert len(token) >= 32
    assert not Handoff.objects.filter(token_hash=token).exists()
    assert "n8n-key" not in asked.raw.decode()


@pytest.mark.parametrize(
    "started", [STARTED, {"status": 202}, {"status": 204, "raw": ""}, {"raw": ""}], ids=["json", "202", "204", "empty"]
)
def test_an_answer_that_comes_later_is_said_once(workflow, call_back, say, drain, outbox, started):
    workflow.script(started)
    message = say("Hello there, my friend.")
    drain()
    assert (outbox(), Turn.objects.get().state) == ([], State.QUEUED)

    first = call_back({"message_id": message.external_id, "reply": "Later."})
    again = call_back({"message_id": message.external_id, "reply": "Later."})
    drain()

    assert (first, again) == ((200, {"status": "accepted"}), (200, {"status": "duplicate"}))
    assert outbox() == ["Later."]


def test_after_the_deadline_the_fallback_is_said_and_the_callback_is_too_late(workflow, call_back, say, drain, outbox):
    workflow.script(STARTED)
    say("Hello there, my friend.")
    drain()
    pass_deadline()
    assert call_back({"reply": "Too late."})[0] == 409

    drain()

    assert outbox() == [FIXED]
    assert call_back({"reply": "Too late."})[0] == 409
    assert len(workflow.asked) == 1


def test_a_person_who_takes_over_cancels_both(workflow, call_back, say, drain, outbox):
    workflow.script(STARTED)
    message = say("Hello there, my friend.")
    drain()
    messaging.pause(conversation=message.conversation, by="owner")

    status = call_back({"reply": "Later."})[0]
    pass_deadline()
    drain()

    assert (status, outbox()) == (409, [])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reply": "x" * 4097}, 400),
        ({"reply": ["x"]}, 400),
        ({"message_id": "another", "reply": "x"}, 400),
        ({"message": "Workflow got started"}, 400),
        ([], 400),
    ],
)
def test_a_wrong_callback_changes_nothing(workflow, call_back, say, drain, outbox, body, status):
    workflow.script(STARTED)
    say("Hello there, my friend.")
    drain()

    assert call_back(body)[0] == status
    drain()

    assert outbox() == []
    assert call_back({"reply": "Right."})[0] == 200


def test_strange_requests_to_the_door_are_refused(workflow, client, db):
    path = "/webhooks/n8n/" + "x" * 43

    assert client.post(path, "{}", content_type="application/json").status_code == 404
    assert client.post(path, "{", content_type="application/json").status_code == 400
    assert client.post(path, "[" * 100_000, content_type="application/json").status_code == 400
    assert client.post(path, " " * 300_000, content_type="application/json").status_code == 413
    assert client.get(path).status_code == 405
    assert client.get("/webhooks/n8n/media/1:abc:def").status_code == 404


@pytest.mark.parametrize(
    ("answer", "requests"),
    [
        ({"status": 500, "raw": "<html>Error</html>"}, 2),
        ({"status": 503, "headers": {"retry-after": "0"}}, 2),
        ({"status": 429, "headers": {"retry-after": "60"}}, 1),
        ({"status": 401}, 1),
        ({"status": 403}, 1),
        ({"status": 404}, 1),
        ({"status": 400}, 1),
        ({"status": 302, "headers": {"location": "/webhook/elsewhere"}}, 1),
        ({"raw": "<html>no json</html>"}, 1),
        ({"raw": "x" * 300_000}, 2),
        ({"delay": 5.0, "body": {"reply": "slow"}}, 2),
    ],
    ids=lambda value: str(value)[:40],
)
def test_each_failure_ends_in_one_message(workflow, say, drain, outbox, settings, answer, requests):
    settings.N8N_TIMEOUT = 1.5  # what answers at all has answered by then, on a slow machine too
    workflow.default = lambda asked: answer
    say("Hello there, my friend.")

    drain()

    assert outbox() == [FIXED]
    assert len(workflow.asked) == requests
    assert len({asked.headers["webhook-id"] for asked in workflow.asked}) == 1


def test_the_built_in_assistant_stands_in_where_a_model_is_set_up(workflow, settings, say, drain, outbox):
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", f"{workflow.url}/v1"
    workflow.script({"status": 404}, said("From the model."))
    say("Hello there, my friend.")

    drain()

    assert outbox() == ["From the model."]
    assert Turn.objects.get().provider == "openai"


def test_after_five_failures_messages_go_straight_to_the_fallback(workflow, say, drain, outbox):
    workflow.default = lambda asked: {"status": 404}
    for wish in ("a cake", "two chairs", "warm socks", "an umbrella", "a lamp", "that vase"):
        say(f"Please send {wish}.")
        drain()

    assert len(workflow.asked) == 5
    assert outbox() == [FIXED] * 6
    CircuitBreaker.objects.update(open_until=timezone.now() - timedelta(seconds=1))
    workflow.default = lambda asked: {"body": {"reply": "Back."}}
    say("Hello again, my friend.")
    drain()
    assert outbox()[-1] == "Back."


def test_a_new_message_meanwhile_gets_an_answer_of_its_own(workflow, call_back, say, drain, outbox):
    workflow.script(STARTED, {"body": {"reply": "To the second."}})
    say("The first question?")
    drain()
    say("The second question?")
    drain()
    assert (outbox(), len(workflow.asked)) == ([], 1)

    call_back({"reply": "To the first."})
    drain()

    assert outbox() == ["To the first.", "To the second."]
    assert len(workflow.asked) == 2


def test_the_callback_may_be_faster_than_the_response(workflow, settings, call_back, say, drain, outbox, monkeypatch):
    post = n8n._post

    def and_called_back(handoff, data, *, seconds):
        response = post(handoff, data, seconds=seconds)
        assert call_back({"reply": "Quick."})[0] == 200
        return response

    monkeypatch.setattr(n8n, "_post", and_called_back)
    workflow.script({"body": {"reply": "Slow."}})
    say("Hello there, my friend.")

    drain()

    assert outbox() == ["Quick."]


def test_a_worker_that_died_while_asking_does_not_run_the_workflow_again(workflow, say, drain, outbox, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*args, **kwargs):
        raise Killed

    workflow.script({"body": {"reply": "Lost."}})
    say("Hello there, my friend.")
    with monkeypatch.context() as patch:
        patch.setattr(n8n, "_take", killed)
        with pytest.raises(Killed):
            drain()
    Turn.objects.update(lease_until=now_plus_seconds(-1))
    Turn.objects.all().sweep()
    drain()
    assert outbox() == []
    pass_deadline()

    drain()

    assert (outbox(), len(workflow.asked)) == ([FIXED], 1)


@pytest.mark.parametrize(
    "url", ["", "http://localhost:5678/webhook", "http://localhost:5678/webhook/", "localhost/x/y"]
)
def test_an_address_that_names_no_workflow_is_not_used(workflow, settings, say, drain, outbox, url):
    settings.N8N_WEBHOOK_URL = url
    say("Hello there, my friend.")

    drain()

    assert n8n.address_problem().startswith("N8N_WEBHOOK_URL")
    assert workflow.asked == []
    assert len(outbox()) == 1
