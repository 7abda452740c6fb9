"""The sentences of the offline assistant, by key; and how to recognise them again.

A key may have several wordings: the first one that was not used last is chosen, so that nothing is said twice in a row.
Other languages stand in the catalogues.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from common.text.language import LANGUAGES
from common.text.marks import customer_text
from common.text.sentences import translate

# Keys for nothing found: after two in a row a person is offered.
MISSES = frozenset({"unknown", "offer"})
# Keys that ask whether a person should answer: "yes" means so.
OFFERS = frozenset({"unknown", "offer", "same"})
OPENINGS = ("which",)  # keys with inserted values that are recognised by how they begin

SENTENCES: dict[str, tuple[str, ...]] = {
    "hello": (
        customer_text("Hello! How can I help you?"),
        customer_text("Yes, I am here. What can I do for you?"),
    ),
    "hand_over": (
        customer_text("Of course. I have passed this on: a person will answer you here as soon as they can."),
    ),
    "urgent": (
        customer_text(
            "This sounds urgent, so I have called a person of our team into this chat. If somebody is "
            "in danger, please call the emergency number of your country now."
        ),
    ),
    "unknown": (
        customer_text('I don\'t have that written down. Would you like a person to answer? Just say "a person".'),
        customer_text(
            'I have nothing written down about that either. Say "a person", and somebody of our team will answer.'
        ),
    ),
    "offer": (
        customer_text("I am sorry, I don't have that either. Shall a person answer you?"),
        customer_text("I still cannot answer this. Shall I ask a person to take over?"),
    ),
    "same": (
        customer_text("That is all that I have written down about it. Shall a person answer you?"),
        customer_text("I know no more than that. Shall I ask a person to take over?"),
    ),
    "which": (
        customer_text("Do you mean “{first}” or “{second}”?"),
        customer_text("I am not sure which you mean: “{first}” or “{second}”?"),
    ),
    "rest": (customer_text("About the rest of your question I have nothing written down."),),
    "left": (
        customer_text("First your answer to that, please. I have not done this yet, so send it again then: {orders}"),
    ),
    "offline": (customer_text("(I am the offline assistant: I answer from what this business has written down.)"),),
    "media": (
        customer_text("Thank you, I have received it. Please tell me in a few words what you need."),
        customer_text("I have received this one too. What do you need? A few words are enough."),
    ),
    "voice": (
        customer_text("I could not listen to your voice note. Please write it in a few words."),
        customer_text("I could not listen to this one either. Please write what you need."),
    ),
    "who": (
        customer_text(
            "I am the automatic assistant of {business}, not a person. If you want one, just say “a person”."
        ),
    ),
    "name": (customer_text("I have no name of my own: I am the automatic assistant of {business}."),),
    "time": (customer_text("At {business} it is {time} now."),),
    "day": (customer_text("At {business} it is {day} today, {time}."),),
    "phone": (customer_text("You reach us right here in this chat. I have no other number written down."),),
    "can": (
        customer_text(
            "I answer from what {business} has written down, such as hours, prices and services, and "
            "call a person when you ask for one."
        ),
    ),
    "yes_person": (customer_text("Yes, a person"),),
    "no_thanks": (customer_text("No, thank you"),),
    "person": (customer_text("A person, please"),),
}


def sentence_for(
    key: str, language: str, *, said: Collection[str] = (), values: Mapping[str, str] | None = None
) -> str:
    """Return the sentence of a key in a language (English where there is none), worded differently from `said`."""
    texts = [translate(text, language, **(values or {})) for text in SENTENCES[key]]
    return next((text for text in texts if text not in said), texts[0])


def find_key(text: str) -> tuple[str, str]:
    """Return (key, language) of one of our own sentences; ("", "") for any other text."""
    if text in _keys():
        return _keys()[text]
    for start, key, language in _openings():
        if text.startswith(start):
            return key, language
    return "", ""


@cache
def _keys() -> dict[str, tuple[str, str]]:
    return {
        translate(wording, language): (key, language)
        for language in LANGUAGES
        for key, wordings in SENTENCES.items()
        for wording in wordings
    }


@cache
def _openings() -> list[tuple[str, str, str]]:
    """Return how sentences with inserted values begin, to recognise them."""
    return [
        (translate(wording, language).partition("{")[0], key, language)
        for language in LANGUAGES
        for key in OPENINGS
        for wording in SENTENCES[key]
    ]
