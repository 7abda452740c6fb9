"""The first inbound handler: stop and start words."""

from __future__ import annotations

from common.text.language import nearest_language
from common.text.marks import customer_text
from common.text.plain import fold
from common.text.sentences import translate
from messaging import services as messaging
from messaging.models import Message, Purpose
from messaging.queries import language_for
from privacy.opt_out_words import START, STOP

STOPPED = customer_text("You will receive no more automatic messages. Write START to change that.")
STARTED = customer_text("Welcome back: you will receive messages again.")


def stop_words(message: Message) -> bool:
    """Opt a contact out with one confirmation, or back in.

    Other messages of an opted-out contact are handled without an answer.
    """
    if message.data.get("is_group"):
        return False
    plain = fold(message.text)
    asked = str(message.data.get("opt_out_type", "")).upper()
    contact = message.conversation.contact
    if asked == "STOP" or plain in _all(STOP):
        changed = messaging.opt_out(contact=contact, by="customer")
        _confirm(message, _language(message, plain, STOP), STOPPED, is_needed=changed and not asked)
        return True
    if contact.opted_out_at is not None and (asked == "START" or plain in _all(START)):
        changed = messaging.opt_back_in(contact=contact, by="customer")
        _confirm(message, _language(message, plain, START), STARTED, is_needed=changed and not asked)
        return True
    return False


def _confirm(message: Message, language: str, text: str, *, is_needed: bool) -> None:
    if is_needed:
        messaging.send(
            conversation=message.conversation,
            text=translate(text, language),
            purpose=Purpose.NOTICE,
            dedupe_key=f"opt:{message.pk}",
        )


def _language(message: Message, plain: str, words: dict[str, list[str]]) -> str:
    """Return the chat's language; before one is known, a language that has the word, the tenant's first."""
    contact, own = message.conversation.contact, nearest_language(message.tenant.language)
    fitting = [language for language, list_of in words.items() if plain in list_of]
    if contact.language or own in fitting or not fitting:
        return language_for(contact, message.tenant)
    return fitting[0]


def _all(words: dict[str, list[str]]) -> set[str]:
    return {word for list_of in words.values() for word in list_of}
