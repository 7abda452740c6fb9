"""What the page of a session asks for beside the transcript: ready texts, why, corrections, facts, suggestions."""

import pytest
from django.urls import reverse
from django.utils import timezone

from assistant.models import Fact, KnowledgeProposal, Turn
from common.work.rows import State
from messaging.models import CannedReply, Conversation, Message, MessageTemplate
from tenants.models import Role
from tests.support.backoffice import browser, write


@pytest.fixture
def page(manager, session):
    """The manager's page of the session."""
    return Page(manager, session)


class Page:
    def __init__(self, client, session):
        self.client, self.base = client, f"/admin/messaging/conversation/{session.pk}/"

    def live(self, version="", since=0):
        return self.client.get(f"{self.base}live/", {"version": version, "since": since})

    def act(self, act, **fields):
        return self.client.post(f"{self.base}act/{act}/", fields)

    def html(self):
        return self.client.get(f"{self.base}change/").content.decode()


def now(session):
    return Conversation.objects.get(pk=session.pk)


def test_ready_texts_are_those_of_the_tenant_and_the_channel(page, clinic, salon, session, make_channel):
    for tenant in (clinic, salon):
        CannedReply.objects.create(tenant=tenant, shortcut="hi", title="Hi", text=f"{tenant.slug} {{agent_name}}")
    MessageTemplate.objects.create(tenant=clinic, channel=session.channel, name="own", text="Hi {{1}}")
    MessageTemplate.objects.create(tenant=clinic, channel=make_channel(clinic, "meta"), name="other", text="Hi")

    ready = page.client.get(f"{page.base}ready/").json()

    assert [reply["text"] for reply in ready["replies"]] == ["clinic manager-of-clinic"]
    assert [template["name"] for template in ready["templates"]] == ["own"]


def test_why_an_answer_was_given_is_shown_to_the_tenants_own_members(page, salon, session):
    asked = write(session, "Open?", direction="in", purpose="customer")
    turn = Turn.objects.create(
        tenant=session.tenant, conversation=session, wanted=asked, state=State.DONE, outcome="replied",
        provider="openai", model="gpt-x", input_tokens=120, output_tokens=30, cost_usd="0.001234", milliseconds=850,
        sources=[{"id": 1, "title": "Opening hours"}],
    )  # fmt: skip
    turn.steps.create(key="1", kind="tool", name="search_knowledge", result={"text": "<b>nine</b>"})
    write(session, "From nine.", data={"turn": turn.pk})
    address = reverse("admin:assistant_turn_why", args=[turn.pk])

    assert address in page.html()
    shown = page.client.get(address).content.decode()
    for words in ("gpt-x", "120 + 30", "$0.001234", "850 ms", "Opening hours", "search_knowledge", "&lt;b&gt;nine"):
        assert words in shown, words
    assert browser(salon).get(address).status_code == 404


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        (State.DONE, "handed_over", "passou a uma pessoa"),
        (State.DONE, "fallback", "recorreu à alternativa"),
        (State.DEAD, "", "Desistido"),
    ],
)
def test_how_an_answer_ended_is_said_in_the_viewers_language(page, session, state, outcome, words):
    asked = write(session, "Open?", direction="in", purpose="customer")
    turn = Turn.objects.create(tenant=session.tenant, conversation=session, wanted=asked, state=state, outcome=outcome)
    page.client.cookies["django_language"] = "pt-br"

    for part in (f"{page.base}side/", reverse("admin:assistant_turn_why", args=[turn.pk])):
        assert words in page.client.get(part).content.decode()


def test_an_agent_corrects_and_a_manager_decides(clinic, salon, session):
    agent = browser(clinic, Role.AGENT)
    write(session, "When are you open?", direction="in", purpose="customer")
    answer = write(session, "Never.")
    teach = reverse("admin:assistant_knowledgeproposal_teach", args=[answer.pk])

    assert 'value="When are you open?"' in agent.get(teach).content.decode()
    assert agent.post(teach, {"title": "Opening", "content": "9 to 6"}).status_code == 200
    assert agent.post(teach, {"title": "", "content": "9 to 6"}).status_code == 409
    proposal = KnowledgeProposal.objects.get()
    do = reverse("admin:assistant_knowledgeproposal_do", args=[proposal.pk, "approve"])
    agent.post(do)
    proposal.refresh_from_db()
    assert proposal.state == "proposed"
    for stranger in (browser(salon), browser(clinic, Role.VIEWER)):
        assert stranger.get(teach).status_code == stranger.post(teach).status_code == 404
    browser(clinic).post(do)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("approved", "manager-of-clinic")


def test_facts_are_added_and_forgotten_in_the_page(page, salon, session):
    add = reverse("admin:assistant_fact_of", args=[session.contact_id])
    assert page.client.post(add, {"text": "Likes mornings"}).status_code == 200
    fact = Fact.objects.get()
    assert "Likes mornings" in page.client.get(f"{page.base}side/").content.decode()
    forget = reverse("admin:assistant_fact_forget", args=[fact.pk])
    stranger = browser(salon)
    assert [stranger.post(path, {"text": "x"}).status_code for path in (add, forget)] == [404, 404]

    page.client.post(forget)

    assert not Fact.objects.exists()


def test_a_suggestion_fills_the_composer_and_sends_nothing(page, salon, session):
    write(session, "When are you open?", direction="in", purpose="customer", state=State.DONE)
    Conversation.objects.update(waiting_since=timezone.now())
    address = reverse("admin:assistant_turn_suggest", args=[session.pk])

    assert "Monday to Friday" in page.client.post(address).json()["text"]

    assert Message.objects.filter(direction="out").count() == 0
    assert browser(salon).post(address).status_code == 404
    Conversation.objects.update(waiting_since=None)
    assert page.client.post(address).json()["error"].startswith("No suggestion: nothing")
