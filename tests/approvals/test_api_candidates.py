"""The API of candidates: once each, frozen, and a clear word for everything that is wrong."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from approvals import services as approvals
from approvals.models import AskQueue, Candidate, Question, Timer, TrailEntry
from tests.approvals.conftest import status
from tests.support.api import ApiCaller

BODY = {"title": "Post for Friday", "body": "Open late.", "deadline_minutes": 60}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 32).decode()


def problem(answer):
    """(field, text) of the first error of a problem."""
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    return body["errors"][0]["field"], body["errors"][0]["detail"]


def test_a_candidate_is_frozen_by_the_hash_of_what_is_shown(api, owner):
    first = api.post("candidates", BODY | {"metadata": {"a": 1}}).json()
    same = api.post("candidates", BODY | {"metadata": {"a": 2}, "deadline_minutes": 5}).json()
    other = api.post("candidates", BODY | {"link": "https://example.com/"}).json()

    assert len(first["content_hash"]) == 64
    assert first["content_hash"] == same["content_hash"] != other["content_hash"]
    assert (first["approvers"], first["status"], first["decision"]) == (["owner"], "pending", None)
    read = api.get(f"candidates/{first['id']}").json()
    assert [step["kind"] for step in read["steps"]] == ["received"]


def test_the_same_call_again_is_the_same_candidate(api, owner):
    first = api.post("candidates", BODY, **{"Idempotency-Key": "k1"})
    again = api.post("candidates", BODY, **{"Idempotency-Key": "k1"})
    own = api.post("candidates", BODY | {"deadline_minutes": 30, "external_id": "post-17"})

    assert (first.status_code, again.status_code, own.status_code) == (201, 200, 201)
    assert first.json() == again.json()
    assert api.post("candidates", BODY | {"title": "x"}, **{"Idempotency-Key": "k1"}).status_code == 422
    other = api.post("candidates", BODY | {"title": "x", "external_id": "post-17"})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/conflict")
    assert Candidate.objects.count() == 2


def test_the_same_own_id_without_a_key_finds_the_first(api, owner):
    body = {"title": "Post", "external_id": "post-17", "deadline_at": (timezone.now() + timedelta(hours=1)).isoformat()}
    first, again = api.post("candidates", body), api.post("candidates", body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]


def test_the_same_own_id_with_a_deadline_in_minutes_finds_the_first(api, owner):
    body = {**BODY, "external_id": "post-18"}
    first, again = api.post("candidates", body), api.post("candidates", body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["deadline_at"] == again.json()["deadline_at"]
    assert api.post("candidates", {**body, "deadline_minutes": 61}).status_code == 409


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_same_own_id_from_many_threads_is_one_candidate(clinic, owner):
    body = {"title": "Post", "external_id": "post-17", "deadline_at": (timezone.now() + timedelta(hours=1)).isoformat()}
    caller = ApiCaller(clinic, name="many")

    def post(_):
        try:
            return caller.post("candidates", body).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(16)))

    # On a busy machine one may be told to come again.
    assert (answers.count(201), set(answers) - {200, 201, 503}) == (1, set())
    assert (Candidate.objects.count(), Question.objects.count(), AskQueue.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    ("wrong", "field", "text"),
    [
        ({"title": ""}, "title", "blank"),
        ({"title": "x" * 201}, "title", "200"),
        ({"body": "x" * 3001}, "body", "3000"),
        ({"deadline_minutes": None, "deadline_at": "2026-01-01T00:00:00Z"}, "deadline_at", "over"),
        ({"deadline_minutes": None, "deadline_at": "2090-01-01T00:00:00Z"}, "deadline_at", "30 days"),
        ({"deadline_at": "2090-01-01T00:00:00Z"}, "deadline_minutes", "one of"),
        ({"deadline_minutes": -1}, "deadline_minutes", "above 0"),
        ({"approvers": ["nobody"]}, "approvers", "There is: owner, partner"),
        ({"escalation": [{"after_minutes": 5, "approvers": ["nobody"]}]}, "escalation", "no approver nobody"),
        ({"approvers": ["owner"], "rule": "most"}, "rule", "One of: any, all."),
        ({"image": "no base64!"}, "image", "PNG or JPEG"),
        ({"image": base64.b64encode(b"GIF89a....").decode()}, "image", "A PNG or a JPEG"),
        ({"link": "javascript:alert(1)"}, "link", "valid URL"),
        ({"callback_url": "https://127.0.0.1/hook"}, "callback_url", "cannot be used"),
        ({"callback_url": "https://10.0.0.1/hook"}, "callback_url", "cannot be used"),
        ({"callback_url": "ftp://example.com"}, "callback_url", "https://"),
        ({"options": [{"id": "a", "title": "A"}]}, "options", "at least one reject"),
        ({"options": [{"id": "a", "title": "x" * 21}]}, "options.0.title", "20"),
        ({"metadata": {"x": "y" * 9000}}, "metadata", "8000"),
        ({"metadata": ["x"]}, "metadata", "An object."),
        ({"channel": "pigeon"}, "channel", "One of: whatsapp"),
        ({"priority": "very"}, "priority", "One of: normal, urgent."),
        ({"on_deadline": "approve", "approvers": ["owner", "partner"], "rule": "all"}, "on_deadline", "Silence"),
        ({"external_id": "with blanks"}, "external_id", "form"),
    ],
)  # fmt: skip
def test_each_wrong_field_is_named_with_what_to_do(api, owner, partner, wrong, field, text):
    body = {name: value for name, value in (BODY | wrong).items() if value is not None}

    answer = api.post("candidates", body)

    assert answer.status_code == 400
    name, detail = problem(answer)
    assert name == field
    assert text in detail
    for model in (Candidate, Question, Timer, TrailEntry):
        assert not model.objects.exists()


def test_a_picture_that_is_too_large_is_refused(api, owner):
    huge = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * (5 * 1024 * 1024)).decode()

    assert problem(api.post("candidates", BODY | {"image": huge})) == ("image", "Up to 5 MB.")
    assert api.post("candidates", BODY | {"image": huge + "AAAA" * 700_000}).status_code in {400, 413}
    assert not Candidate.objects.exists()


def test_without_a_signing_secret_no_callback_is_promised(api, owner, settings):
    settings.WEBHOOK_SIGNING_SECRET = ""

    field, text = problem(api.post("candidates", BODY | {"callback_url": "https://8.8.8.8/x"}))

    assert (field, "WEBHOOK_SIGNING_SECRET" in text) == ("callback_url", True)
    assert api.post("candidates", BODY).status_code == 201


def test_a_tenant_without_approvers_is_told_so(clinic):
    field, text = problem(ApiCaller(clinic).post("candidates", BODY))

    assert (field, text) == ("approvers", "Name at least one: no approver of this tenant is asked by default.")


def test_lists_are_filtered_and_of_ones_own(api, owner, partner, submit, salon):
    first = submit("First", category="refund", external_id="r-1", approvers=["partner"])
    second = submit("Second", priority="urgent")
    approvals.cancel(candidate=second, by="key core")

    def ids(**query):
        return [row["id"] for row in api.get("candidates", **query).json()["results"]]

    assert ids() == [second.pk, first.pk]
    assert ids(status="pending") == ids(category="refund") == ids(external_id="r-1") == [first.pk]
    assert ids(approver="owner") == ids(priority="urgent") == [second.pk]
    assert ids(created_until=first.created_at.isoformat()) == []
    stranger = ApiCaller(salon)
    assert stranger.get("candidates").json()["results"] == []
    for path in ("", "/cancel", "/decide", "/reply"):
        call = stranger.get if not path else stranger.post
        assert call(f"candidates/{first.pk}{path}").status_code == 404


def test_cancel_asks_nobody_any_more(api, submit, phone):
    candidate = submit()

    answer = api.post(f"candidates/{candidate.pk}/cancel", {"reason": "Not needed."})

    assert answer.json()["decision"]["decision"] == "cancelled"
    assert phone.see() == []
    assert api.post(f"candidates/{candidate.pk}/cancel").status_code == 409


def test_a_program_decides_with_its_own_scope_and_the_same_rules(clinic, submit, owner, partner):
    candidate = submit(approvers=["owner"])
    asks, decides = (
        ApiCaller(clinic, ("candidates:write",), name="a"),
        ApiCaller(clinic, ("decisions:write",), name="b", approvers=("owner", "partner")),
    )
    path = f"candidates/{candidate.pk}/decide"

    assert asks.post(path, {"choice": "approve", "approver": "owner"}).status_code == 403
    assert problem(decides.post(path, {"choice": "approve"}))[0] == "approver"
    assert problem(decides.post(path, {"choice": "launch", "approver": "owner"}))[0] == "choice"
    assert decides.post(path, {"choice": "approve", "approver": "partner"}).status_code == 403
    assert status(candidate) == "pending"
    edited = decides.post(path, {"choice": "approve", "approver": "owner", "body": "Better."}).json()
    assert (edited["status"], edited["decision"]["edited_body"]) == ("approved", "Better.")
    assert decides.post(path, {"choice": "reject", "approver": "owner"}).status_code == 409


def test_approvers_are_listed_without_their_addresses(api, owner):
    (row,) = api.get("approvers").json()["results"]

    assert row["name"] == "owner"
    assert "15550100200" not in str(row)


def test_setup_approver_makes_and_changes(clinic, channel, capsys):
    def run(*more):
        call_command("setup_approver", "--tenant", "clinic", "--name", "ana", *more)
        return clinic.approver_set.get(name="ana")

    row = run("--channel", channel.name, "--address", "+1 555 010 0200", "--quiet", "22:00-07:00", "--language", "pt")
    assert (row.addresses.get().address, str(row.quiet_from), row.language) == ("+15550100200", "22:00:00", "pt")
    row = run("--quiet", "none", "--default")
    assert (row.quiet_from, row.is_default, row.addresses.count()) == (None, True, 1)
    for wrong in (["--channel", channel.name], ["--quiet", "late"], ["--member", "nobody"], ["--timezone", "Moon"]):
        with pytest.raises(CommandError):
            run(*wrong)


def test_old_candidates_go_with_their_trail_and_picture(api, owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.APPROVAL_TRAIL_DAYS = 30
    made = api.post("candidates", BODY | {"image": PNG}).json()
    kept = api.post("candidates", BODY).json()
    for row in (made, kept):
        api.post(f"candidates/{row['id']}/cancel")
    path = Candidate.objects.get(pk=made["id"]).image.path
    Candidate.objects.filter(pk=made["id"]).update(decided_at=timezone.now() - timedelta(days=31))

    assert approvals.delete_old_candidates() == 1

    assert list(Candidate.objects.values_list("pk", flat=True)) == [kept["id"]]
    assert not TrailEntry.objects.filter(candidate_id=made["id"]).exists()
    assert not __import__("pathlib").Path(path).exists()
