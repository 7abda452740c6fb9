"""The queue in the back office: who sees, who decides, with the same rules."""

from __future__ import annotations

from django.urls import reverse

from approvals import services as approvals
from approvals.models import Approver
from tenants.models import Member, Role
from tests.approvals.conftest import status
from tests.support.backoffice import browser


def decide(client, candidate, **body):
    answer = client.post(reverse("decisions_decide", args=[candidate.pk]), body, follow=True)
    return answer.status_code, [str(one) for one in answer.context["messages"]] if answer.context else []


def linked(clinic, owner):
    client = browser(clinic)
    Approver.objects.filter(pk=owner.pk).update(member=Member.objects.get(tenant=clinic))
    return client


def test_a_linked_member_decides_and_edits(clinic, submit, owner):
    client = linked(clinic, owner)
    plain, edited = submit("Plain", body="b"), submit("Edited", body="b")

    page = client.get(reverse("decisions"))
    assert b"Plain" in page.content
    assert decide(client, plain, choice="reject", body="b") == (200, ["Plain: Rejected"])
    assert decide(client, edited, choice="approve", body="Better.") == (200, ["Edited: Approved"])

    edited.refresh_from_db()
    assert (status(plain), edited.decided_body, edited.decided_via) == ("rejected", "Better.", "admin")
    assert edited.decided_by == "owner (manager-of-clinic)"
    assert decide(client, plain, choice="approve")[1] == [
        "Plain: decided already (Rejected, owner (manager-of-clinic))"
    ]


def test_the_buttons_speak_the_viewers_language_and_the_core_services_own_words(clinic, submit, owner):
    client = linked(clinic, owner)
    submit("Plain")
    own = [{"id": "ship", "title": "Ship it", "means": "approve"}, {"id": "not", "title": "No", "means": "reject"}]
    submit("Own", options=own)
    client.cookies["django_language"] = "pt-br"

    text = client.get(reverse("decisions")).content.decode()

    assert ">Aprovar<" in text
    assert ">Rejeitar<" in text
    assert ">Ship it<" in text


def test_who_is_not_linked_sees_and_decides_nothing(clinic, submit, owner, partner, manager):
    candidate = submit("Plain")

    assert b"You see these, and decide none" in manager.get(reverse("decisions")).content
    assert "You are linked to no approver" in decide(manager, candidate, choice="approve")[1][0]
    Approver.objects.filter(pk=partner.pk).update(member=Member.objects.get(tenant=clinic))
    assert decide(manager, candidate, choice="approve")[1] == ["You are not one of those who decide this."]
    assert status(candidate) == "pending"


def test_a_viewer_decides_nothing_though_linked(clinic, submit, owner):
    client = browser(clinic, Role.VIEWER)
    Approver.objects.filter(pk=owner.pk).update(member=Member.objects.get(tenant=clinic))
    candidate = submit("Plain")

    assert "You are linked to no approver" in decide(client, candidate, choice="approve")[1][0]
    assert status(candidate) == "pending"


def test_another_tenants_candidate_is_not_there(submit, owner, salon, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    candidate = submit("Plain", image=b"\x89PNG\r\n\x1a\n" + b"0" * 32)
    stranger = browser(salon)

    assert b"Plain" not in stranger.get(reverse("decisions")).content
    assert decide(stranger, candidate, choice="approve")[0] == 404
    assert stranger.get(reverse("decisions_image", args=[candidate.pk])).status_code == 404


def test_a_get_never_decides(clinic, submit, owner):
    client = linked(clinic, owner)
    candidate = submit("Plain")

    assert client.get(reverse("decisions_decide", args=[candidate.pk]), {"choice": "approve"}).status_code == 405
    assert client.get(f"/api/candidates/{candidate.pk}/decide").status_code == 405
    assert status(candidate) == "pending"
    assert decide(client, candidate, choice="launch")[0] == 404


def test_the_picture_is_shown_to_its_own(clinic, submit, owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    content = b"\x89PNG\r\n\x1a\n" + b"0" * 32
    candidate = submit("Plain", image=content)

    answer = linked(clinic, owner).get(reverse("decisions_image", args=[candidate.pk]))

    assert b"".join(answer.streaming_content) == content
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")


def test_withdrawn_by_an_operator(manager, submit, owner):
    from tests.support.backoffice import do

    candidate = submit("Plain")
    assert do(manager, candidate, "withdraw")[0] == 200
    assert (status(candidate), candidate.decided_via) == ("cancelled", "admin")
    assert approvals.run_due_timers() == 0


def test_an_open_page_hears_what_is_new_and_nothing_else(clinic, submit, owner):
    client = linked(clinic, owner)
    first = submit("First")
    version = client.get(reverse("decisions")).context["version"]

    assert client.get(reverse("decisions"), {"version": version}).status_code == 204
    submit("Second")
    answer = client.get(reverse("decisions"), {"version": version})
    assert answer.content.decode().lstrip().startswith('<div class="fda-list"')
    assert b"First" in answer.content
    assert b"Second" in answer.content
    approvals.cancel(candidate=first, by="tests")
    assert b"First" not in client.get(reverse("decisions"), {"version": version}).content
