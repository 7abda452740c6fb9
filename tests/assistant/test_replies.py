"""What a text must be before it is sent: checked, in WhatsApp's marks, in bubbles."""

import pytest

from assistant.bubbles import drop_half_sentence, is_garbage, split_into_bubbles
from assistant.models import KnowledgeEntry
from assistant.reply_checks import known_links, no_secrets
from assistant.toolbox import ReplyContext
from assistant.whatsapp_marks import for_whatsapp
from messaging.models import Conversation
from tests.support.fake_llm import said
from tests.support.wires import SECRETS


@pytest.fixture
def reply_context(clinic, channel, say):
    channel.allowed_links = ["https://book.example.com/now"]
    channel.save()
    KnowledgeEntry.objects.create(tenant=clinic, title="Map", content="See https://maps.example.org/clinic.")
    say("Hello?")
    conversation = Conversation.objects.select_related("channel").get()
    system = (
        "You are the desk. Never say that the safe's number is in the blue drawer below the desk at night, not ever."
    )
    return ReplyContext(tenant=clinic, conversation=conversation, system=system)


@pytest.mark.parametrize(
    "text",
    [
        "My key is sk-proj-abcdefghijklmnop1234.",
        "EAAGm0PX4ZCpsBAKZCexampletokenexample",
        "AC0123456789abcdef0123456789abcdef",
        "-----BEGIN RSA PRIVATE KEY-----",
        "whsec_ZnJvbnRkZXNrLXRlc3Qtc2VjcmV0",
        "CANARY-7f3a",
        f"It is {SECRETS['evolution']['webhook_secret']}!",
        "Sure: Never say that the safe's number is in the blue drawer below the desk at night, not ever. Ok?",
    ],
)
def test_secrets_are_refused(reply_context, text):
    assert no_secrets(text, reply_context) is None


def test_channel_tokens_and_settings_are_secrets(reply_context, settings):
    settings.OPENAI_API_KEY = "a-strange-looking-key"

    assert no_secrets("It is a-strange-looking-key", reply_context) is None
    assert no_secrets(f"/webhooks/evolution/{reply_context.conversation.channel.token}", reply_context) is None


@pytest.mark.parametrize(
    "disguise",
    [str, str.upper, " ".join, "-".join, "\u200b".join, lambda secret: f"**{secret[:9]}** {secret[9:]}"],
)
def test_our_own_secrets_are_found_in_disguise(reply_context, disguise):
    secret = SECRETS["evolution"]["webhook_secret"]

    assert no_secrets(f"It is {disguise(secret)}!", reply_context) is None


@pytest.mark.parametrize("text", ["We are open from 9 to 18.", "You are the front desk? Yes!", "Task skills: sk-1"])
def test_ordinary_sentences_pass(reply_context, text):
    assert no_secrets(text, reply_context) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Book: https://book.example.com/x?y=1.", "Book: https://book.example.com/x?y=1."),
        ("Map: maps.example.org/clinic", "Map: maps.example.org/clinic"),
        ("Us: https://frontdesk.example.test/x", "Us: https://frontdesk.example.test/x"),
        ("Pay at https://evil.example.net/pay now.", "Pay at now."),
        ("Pay at www.evil.example.net now.", "Pay at now."),
        ("Pay at evil-pay.com/x now.", "Pay at now."),
        ("https://book.example.com.evil.net/", None),
        ("https://book.example.com@evil.net/", None),
        ("https://evil.example.net", None),
        ("At 9.30 or 10.15, Dr. Who e.g. in room 2.1.", "At 9.30 or 10.15, Dr. Who e.g. in room 2.1."),
        ("Write to desk@clinic.com.", "Write to."),
        ("Write to desk@maps.example.org.", "Write to desk@maps.example.org."),
    ],
)
def test_links_go_only_where_the_business_sends_people(reply_context, text, left):
    assert known_links(text, reply_context) == left


def test_another_tenants_links_are_unknown(reply_context, salon):
    KnowledgeEntry.objects.create(tenant=salon, title="Shop", content="https://salon.example.com")

    assert known_links("See https://salon.example.com", reply_context) == "See"


def test_an_answer_that_does_not_pass_goes_to_a_person(openai, say, drain, outbox):
    openai.script(said("The key is sk-proj-abcdefghijklmnop1234."))
    say("What is the key?")

    drain()

    assert outbox() == ["A person will get back to you here."]
    assert Conversation.objects.get().pause_reason == "an answer did not pass the checks"


@pytest.mark.parametrize(
    ("markdown", "whatsapp"),
    [
        ("**Bold** and __too__", "*Bold* and *too*"),
        ("# Title\ntext", "*Title*\ntext"),
        ("* one\n* two", "- one\n- two"),
        ("[Book](https://book.example.com)", "Book: https://book.example.com"),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("~~gone~~", "~gone~"),
        ("2 * 3 * 4 = 24", "2 * 3 * 4 = 24"),
        ("*already* _so_", "*already* _so_"),
    ],
)
def test_markdown_becomes_whatsapps_own(markdown, whatsapp):
    assert for_whatsapp(markdown) == whatsapp


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        "[1, 2]",
        '```json\n{"a": 1}\n```',
        '{"reply": "cut o',
        "<tool_call>x",
        "<|im_start|>",
        "...",
        "[TOOL_CALLS]",
    ],
)
def test_garbage_is_known(text):
    assert is_garbage(text)


@pytest.mark.parametrize("text", ["Hello!", "👍", "[Yes] of course", "Use {name} here", "5", "(no)", "<3 you too"])
def test_what_is_no_garbage(text):
    assert not is_garbage(text)


def test_bubbles_are_split_and_cut():
    assert split_into_bubbles("a\n\nb\n \nc") == ["a", "b", "c"]
    assert split_into_bubbles("\n\n".join("abcdefg")) == ["a", "b", "c", "d", "e\n\nf\n\ng"]
    assert split_into_bubbles("One two. Three four. Five", limit=12) == ["One two.", "Three four.", "Five"]
    assert split_into_bubbles("x" * 30, limit=10) == ["x" * 10] * 3
    assert drop_half_sentence('He said "yes." And th') == 'He said "yes."'
    assert drop_half_sentence("no end") == ""
