"""Choices that the assistant offers under a message, and what a customer picked: by button, by number or by words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.models import Turn
from common.text.plain import fold
from messaging.models import Direction, Message
from messaging.providers.base import Kind

WORDS = (Kind.TEXT, Kind.VOICE, Kind.AUDIO)
MAX_PICK = 250  # characters of a number or a title
SHORTEST_TITLE = 19  # characters that every wire shows of one


def buttons(turn: Turn, choices: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The part of a message's data that makes the wire show the choices; {} without any.

    The ids name the turn, so that a button pressed much later still says which question it answers.
    """
    shown = [choice["title"][:SHORTEST_TITLE].casefold().strip() for choice in choices]
    named = []
    for number, choice in enumerate(choices):
        # Wires cut a title, and refuse two that are then the same.
        title = choice["title"] if shown.count(shown[number]) == 1 else f"{number + 1}. {choice['title']}"
        named.append({"payload": f"answer:{turn.pk}:{number}", "title": title, "means": choice["means"]})
    return {"buttons": named} if named else {}


def picked(message: Message, history: Sequence[Message]) -> str:
    """What a customer's message picks of the choices of ours that it answers; "" when it picks none.

    `history` is the conversation up to the message, oldest first. A press is known by its id, which must stand under a
    message of ours in it. A number or a title counts right after the message that offers it, or where it quotes it.
    """
    ours = [each for each in history if each.direction == Direction.OUT and each.pk != message.pk]
    payload = str(message.data.get("payload", ""))
    if payload.startswith("answer:"):
        offered = (button for each in ours for button in each.data.get("buttons", ()))
        return next((_means(button) for button in offered if button.get("payload") == payload), "")
    if message.kind not in WORDS or not ours or len(message.text) > MAX_PICK:
        return ""
    if message.reply_to:
        asked = next((each for each in reversed(ours) if each.external_id == message.reply_to), None)
    else:
        asked = ours[-1]
    return _named(message.text, asked.data.get("buttons", ())) if asked is not None else ""


def _named(text: str, offered: Sequence[Mapping[str, Any]]) -> str:
    mine = [button for button in offered if str(button.get("payload", "")).startswith("answer:")]
    word = text.strip().rstrip(".)")
    if word.isascii() and word.isdecimal() and len(word) < 3 and 0 < int(word) <= len(mine):
        return _means(mine[int(word) - 1])
    return next((_means(button) for button in mine if fold(str(button["title"])) == fold(text)), "")


def _means(button: Mapping[str, Any]) -> str:
    return str(button.get("means", ""))
