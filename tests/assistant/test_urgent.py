"""What happens when an emergency is read: a person at once, whoever answers otherwise."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from assistant import services as assistant
from assistant.models import AssistantProfile, Handoff, KnowledgeEntry, Turn
from common.work.rows import now_plus_seconds
from messaging import services as messaging
from messaging.models import Conversation, MediaFile, Message
from messaging.models.conversations import PausedBy
from messaging.providers.base import Kind, Media, MessageChange
from messaging.services.edits import change_message

URGENT = "urgent: it reads like an emergency"


def test_a_person_is_called_with_what_is_written_down_for_it(clinic, say, drain, outbox):
    KnowledgeEntry.objects.create(tenant=clinic, title="Emergencies", keywords="pain", content="Call +1 555 010 0100.")
    say("my tooth hurts a lot")

    drain()

    conversation = Conversation.objects.get()
    assert (conversation.is_paused, conversation.pause_reason) == (True, URGENT)
    assert len(outbox()) == 1
    assert outbox()[0].startswith("Call +1 555 010 0100.\n\nThis sounds urgent")
    assert [source["title"] for source in Turn.objects.get().sources] == ["Emergencies"]


def test_without_an_entry_the_sentence_alone_is_said_and_no_number_is_invented(say, drain, outbox):
    say("I'm bleeding help")

    drain()

    assert outbox()[0].startswith("This sounds urgent, so I have called a person")
    assert not any(character.isdigit() for character in outbox()[0])


def test_a_language_model_is_not_asked_first(openai, say, drain, outbox):
    say("I'm bleeding help")

    drain()

    assert openai.asked == []
    assert Conversation.objects.get().pause_reason == URGENT


def test_n8n_is_not_asked_first(workflow, say, drain):
    say("I'm bleeding help")

    drain()

    assert workflow.asked == []
    assert Conversation.objects.get().pause_reason == URGENT


def test_one_urgent_message_among_several_is_enough(say, drain):
    say("Hello, one question about my last visit with you")
    say("my gums won't stop bleeding")

    drain()

    assert Conversation.objects.get().pause_reason == URGENT


def test_one_that_comes_while_a_person_is_awaited_makes_it_urgent(say, drain):
    say("I want to talk to a person")
    drain()
    assert Conversation.objects.get().pause_reason == "the customer asked for a person"

    say("now my gums won't stop bleeding")
    drain()

    assert Conversation.objects.get().pause_reason == URGENT


def test_a_person_who_has_the_session_keeps_it(say, drain):
    conversation = say("hello").conversation
    messaging.pause(conversation=conversation, by=PausedBy.OPERATOR, actor="maria", reason="mine")
    say("my gums won't stop bleeding")
    drain()

    conversation.refresh_from_db()
    assert (conversation.paused_by, conversation.pause_reason) == (PausedBy.OPERATOR, "mine")


def test_a_business_may_switch_it_off(clinic, say, drain, outbox):
    AssistantProfile.objects.update_or_create(tenant=clinic, defaults={"watches_emergencies": False})
    say("I'm bleeding help")

    drain()

    assert not Conversation.objects.get().is_paused
    assert outbox()[0].startswith("I don't have that written down.")


def test_one_that_comes_while_a_workflow_thinks_is_not_kept_waiting(workflow, call_back, say, drain, outbox):
    workflow.script({"body": {"message": "Workflow got started"}})
    say("Hello there, my friend.")
    drain()
    say("my chest hurts")

    drain()

    assert Conversation.objects.get().pause_reason == URGENT
    assert outbox()[-1].startswith("This sounds urgent")
    assert call_back({"reply": "Too late."})[0] == 409
    assert len(workflow.asked) == 1


def test_one_after_the_workflows_deadline_is_seen(workflow, say, drain):
    workflow.script({"body": {"message": "Workflow got started"}})
    say("Hello there, my friend.")
    drain()
    message = say("we are two")
    drain()
    Message.objects.filter(pk=message.pk).update(text="my chest hurts")
    Handoff.objects.update(deadline_at=timezone.now() - timedelta(seconds=1))
    Turn.objects.update(due_at=now_plus_seconds(-1))

    drain()

    assert Conversation.objects.get().pause_reason == URGENT


@pytest.fixture
def awaited(say, drain):
    """A customer who waits for a person."""
    say("I want to talk to a person")
    drain()
    assert Conversation.objects.get().pause_reason == "the customer asked for a person"


def edit(channel, message, text="", **fields):
    change = MessageChange(
        external_id="change-1", channel=channel.external_id, target=message.external_id, text=text, **fields
    )
    change_message(channel=channel, change=change)


def test_an_edit_while_a_person_is_awaited_makes_it_urgent(awaited, channel, say, drain):
    message = say("one more thing")
    drain()

    edit(channel, message, "my chest hurts")

    assert Conversation.objects.get().pause_reason == URGENT


def test_what_was_taken_back_is_not_urgent(awaited, channel, say, drain):
    message = say("one more thing")
    drain()
    Message.objects.filter(pk=message.pk).update(text="my chest hurts")

    edit(channel, message, is_deleted=True)

    assert Conversation.objects.get().pause_reason == "the customer asked for a person"


@pytest.mark.parametrize(
    ("words", "reason"),
    [("my chest hurts and I cannot breathe", URGENT), ("it is about Friday", "the customer asked for a person")],
)
def test_a_voice_note_while_a_person_is_awaited(awaited, openai, say, drain, settings, tmp_path, words, reason):
    settings.MEDIA_ROOT = tmp_path
    message = say("", kind=Kind.VOICE, media=Media(mime_type="audio/ogg", reference="voice-1"))
    media = MediaFile.objects.get(message=message)
    media.file.save("1.ogg", ContentFile(b"OggS-voice"), save=False)
    MediaFile.objects.filter(pk=media.pk).update(file=media.file.name, state="done")
    openai.script({"body": {"text": words}})
    media.refresh_from_db()

    assistant.request_transcript(media=media)
    drain()

    assert MediaFile.objects.get().transcript == words
    assert Conversation.objects.get().pause_reason == reason


def test_a_person_who_has_the_session_is_not_overruled_by_an_edit(channel, say, drain):
    message = say("hello")
    messaging.pause(conversation=message.conversation, by=PausedBy.OPERATOR, actor="maria", reason="mine")
    drain()

    edit(channel, message, "my chest hurts")

    assert Conversation.objects.get().pause_reason == "mine"
