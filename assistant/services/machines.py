"""Recognise machines at the other end: greetings, away messages and other assistants that answer every answer.

Two machines that answer each other never stop, and WhatsApp bans the number. So a turn checks the rounds before it: a
round is what came after one answer of ours. A person who asks again, even three times, is still answered.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext_noop as _

from assistant.services.conversation_order import SECOND, is_by_person, written_at
from messaging.models import Conversation, Direction, Message, Purpose
from messaging.providers.base import Kind

REPEATS = _("the same words came back after every answer: a machine may be writing")
FORM = _("automatic greetings came back after every answer: a machine is writing")
SPEED = _("long answers came back faster than anybody can type: a machine is writing")

WINDOW = 8  # rounds that are checked
WITHIN = timedelta(minutes=10)  # a machine answers at once: somebody who asks the same every Monday is a person
MAX_REPEATS = 4  # of texts with content
MAX_SHORT_REPEATS = 5  # of "yes" and "ok", which people say often
SHORT = 12
MAX_FORMS = 2
MAX_ANSWERS = 6  # to a machine, including the announcement of a person
LEAST_ROUNDS = 5  # before speed and repetition mean anything
FAST_LENGTH = 60
FASTEST_TYPING = 20.0  # characters a second; very good typists reach ten
ALIKE = 0.9
MAX_TEXTS = 5  # of a round
LOOKED_AT = 300  # characters of a text
TAPS = (Kind.BUTTON, Kind.LIST, Kind.FLOW, Kind.VOICE)  # only people do that
# Words of WhatsApp's own greeting and away messages, and of automatic notices; folded, all of a line.
FORMS = (
    ("thank you for contacting", "let us know how we can help"),
    ("thanks for contacting", "how can we help"),
    ("thank you for your message", "unavailable right now"),
    ("thank you for your message", "as soon as possible"),
    ("this is an automatic reply",),
    ("this is an automated",),
    ("out of office",),
    ("i am the virtual assistant",),
    ("agradecemos seu contato", "como podemos ajudar"),
    ("agradecemos o seu contato", "como podemos ajudar"),
    ("agradecemos sua mensagem", "nao estamos disponiveis"),
    ("agradecemos sua mensagem", "assim que possivel"),
    ("obrigado por entrar em contato", "como podemos ajudar"),
    ("obrigado por entrar em contato", "assim que possivel"),
    ("esta e uma mensagem automatica",),
    ("resposta automatica",),
    ("sou o assistente virtual",),
    ("sou a assistente virtual",),
    ("gracias por comunicarte con", "ayudar"),
    ("gracias por contactar", "ayudar"),
    ("gracias por tu mensaje", "no podemos responder"),
    ("gracias por su mensaje", "lo antes posible"),
    ("gracias por tu mensaje", "lo antes posible"),
    ("este es un mensaje automatico",),
    ("respuesta automatica",),
    ("soy el asistente virtual",),
    ("soy la asistente virtual",),
    ("va multumim ca ne ati contactat", "ajuta"),
    ("va multumim pentru mesaj", "nu suntem disponibili"),
    ("va multumim pentru mesaj", "cat mai curand"),
    ("acesta este un mesaj automat",),
    ("raspuns automat",),
    ("sunt asistentul virtual",),
)
NO_WORD = re.compile(r"[^a-z0-9]+")
DIGITS = re.compile(r"[0-9]+")


@dataclass
class ExchangeRound:
    """What the other end wrote after one answer of ours."""

    first: Message
    texts: list[str] = field(default_factory=list)
    wait: timedelta | None = None  # since that answer; None for what came before the first one

    @property
    def is_immediate(self) -> bool:
        """Return whether it came as fast as from a machine."""
        return self.wait is not None and self.wait <= WITHIN

    @property
    def is_automatic_notice(self) -> bool:
        """Return whether it says itself that it is automatic."""
        return any(all(part in text for part in form) for form in FORMS for text in self.texts)

    @property
    def is_too_fast(self) -> bool:
        """Return whether its first message is longer than anybody could have typed since the answer."""
        if self.wait is None or not self.texts or len(self.texts[0]) < FAST_LENGTH:
            return False
        return self.wait.total_seconds() * FASTEST_TYPING < len(self.texts[0])


@dataclass(frozen=True)
class Machine:
    """Why a machine seems to write; `may_be_told` where it might be a person, who is then told that somebody comes."""

    reason: str
    may_be_told: bool = False


def find_machine(messages: Sequence[Message], conversation: Conversation) -> Machine | None:
    """Return why the last rounds of these messages look like a machine; None when a person may be writing.

    A group has many people, and is never judged. A message of the business's people, a tap or a voice note of the
    customer, and a "hand back" restart the count.
    """
    rounds = _rounds(messages, conversation.resumed_at)[-WINDOW:]
    if len(rounds) < MAX_FORMS:
        return None
    last = rounds[-1]
    if last.is_automatic_notice and sum(each.is_automatic_notice for each in rounds) >= MAX_FORMS:
        return Machine(FORM)
    latest = rounds[-LEAST_ROUNDS:]
    if len(latest) < LEAST_ROUNDS or not _are_replies(latest):
        return None
    if all(each.is_too_fast for each in latest):
        return Machine(SPEED)
    if not _is_repeat(rounds, len(rounds) - 1):
        return None
    repeats = [each for number, each in enumerate(rounds) if _is_repeat(rounds, number)]
    long = [each for each in repeats if len(each.texts[0]) >= SHORT]
    if len(long) < MAX_REPEATS and len(repeats) < MAX_SHORT_REPEATS:
        return None
    return Machine(REPEATS, may_be_told=len(rounds) <= MAX_ANSWERS)


def fold_figures(text: str) -> str:
    """Return letters and digits without case and accents, each number as one sign: ticket numbers and times differ."""
    plain = unicodedata.normalize("NFKD", text[:LOOKED_AT].casefold())
    words = NO_WORD.sub(" ", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    return DIGITS.sub("0", words).strip()


def _rounds(messages: Sequence[Message], since: datetime | None) -> list[ExchangeRound]:
    rounds: list[ExchangeRound] = []
    answered_at: datetime | None = None
    for row in messages:
        if since is not None and row.created_at <= since:
            continue
        if row.data.get("is_group"):
            return []
        if is_by_person(row) or (row.direction == Direction.IN and row.kind in TAPS):
            rounds, answered_at = [], None
        elif row.direction == Direction.OUT:
            answered_at = row.created_at if _is_answer(row) else answered_at
        elif row.text and row.kind == Kind.TEXT:
            if not rounds or answered_at is not None:
                wait = row.created_at - answered_at if answered_at is not None else None
                rounds.append(ExchangeRound(first=row, wait=wait))
            if len(rounds[-1].texts) < MAX_TEXTS:
                rounds[-1].texts.append(fold_figures(row.text))
            answered_at = None
    return rounds


def _are_replies(rounds: Sequence[ExchangeRound]) -> bool:
    """Return whether each was written after the answer before it; a backlog was written earlier.

    Times are counted from the first message, by each clock separately, so that a wrong clock makes no difference.
    """
    first = rounds[0].first
    for each in rounds[1:]:
        answered = each.first.created_at - (each.wait or timedelta()) - first.created_at
        if written_at(each.first) - written_at(first) < answered - SECOND:
            return False
    return True


def _is_answer(row: Message) -> bool:
    return row.purpose == Purpose.ASSISTANT or (row.purpose == Purpose.NOTICE and row.author == "assistant")


def _is_repeat(rounds: Sequence[ExchangeRound], number: int) -> bool:
    this = rounds[number]
    before = [text for other in rounds[:number] for text in other.texts]
    return this.is_immediate and any(_are_alike(this.texts[0], text) for text in before)


def _are_alike(one: str, other: str) -> bool:
    if one == other:
        return bool(one)
    if min(len(one), len(other)) < SHORT:
        return False
    matcher = difflib.SequenceMatcher(None, one[:LOOKED_AT], other[:LOOKED_AT], autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE
