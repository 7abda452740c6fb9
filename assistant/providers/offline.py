"""The assistant without a language model: honest rules over what the business has written down. Deterministic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

from assistant.providers.base import CallTool, Journal, Line, Prompt, Thinker, Thought, ToolSpec
from assistant.words import agrees, asks_for_person, is_greeting, needs_no_answer, refuses

SENTENCES = {
    "en": {
        "hello": "Hello! How can I help you?",
        "hand_over": "Of course. A person will get back to you here.",
        "unknown": 'I don\'t have that written down. Would you like a person to answer? Just say "a person".',
        "offline": "(I am the offline assistant: I answer from what this business has written down.)",
        "media": "Thank you, I have received it. Please tell me in a few words what you need.",
        "voice": "I could not listen to your voice note. Please write it in a few words.",
    },
    "pt": {
        "hello": "Olá! Como posso ajudar?",
        "hand_over": "Claro. Uma pessoa vai responder você aqui.",
        "unknown": 'Não tenho isso anotado. Quer que uma pessoa responda? Diga "atendente".',
        "offline": "(Sou o assistente offline: respondo com o que este negócio deixou escrito.)",
        "media": "Obrigado, recebi. Diga em poucas palavras do que precisa.",
        "voice": "Não consegui ouvir seu áudio. Escreva em poucas palavras, por favor.",
    },
    "es": {
        "hello": "¡Hola! ¿En qué puedo ayudarle?",
        "hand_over": "Por supuesto. Una persona le responderá aquí.",
        "unknown": 'No lo tengo anotado. ¿Quiere que le responda una persona? Diga "una persona".',
        "offline": "(Soy el asistente sin conexión: respondo con lo que este negocio dejó escrito.)",
        "media": "Gracias, lo he recibido. Dígame en pocas palabras qué necesita.",
        "voice": "No pude escuchar su nota de voz. Escríbala en pocas palabras, por favor.",
    },
    "ro": {
        "hello": "Bună! Cu ce vă pot ajuta?",
        "hand_over": "Desigur. O persoană vă va răspunde aici.",
        "unknown": 'Nu am notat acest lucru. Doriți să vă răspundă o persoană? Scrieți "o persoana".',
        "offline": "(Sunt asistentul offline: răspund din ce a scris această firmă.)",
        "media": "Mulțumesc, am primit. Spuneți-mi în câteva cuvinte de ce aveți nevoie.",
        "voice": "Nu am putut asculta mesajul vocal. Vă rog să scrieți în câteva cuvinte.",
    },
}

# (text, language) -> (tool, arguments) that a plain sentence asks for; what the tool answers is said.
Rule = Callable[[str, str], "tuple[str, dict[str, Any]] | None"]


class Offline(Thinker):
    """Greets, answers from knowledge entries, hands over when asked, keeps silent after thanks, obeys rules of apps."""

    name = "offline"

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self.rules = rules

    def think(
        self, prompt: Prompt, tools: Sequence[ToolSpec], call: CallTool, *, seconds: float, journal: Journal
    ) -> Thought:
        """Decide by rules over the customer's newest lines."""
        waiting = _waiting(prompt)
        newest = [line.text for line in waiting if not line.stands_for]
        text = " ".join(newest)
        asked_in = _language_of_offer(prompt.lines[: len(prompt.lines) - len(waiting)])
        language = prompt.language
        say = SENTENCES.get(language, SENTENCES["en"])
        offered = {spec.name for spec in tools}
        if (asks_for_person(text) or (asked_in and agrees(text))) and "hand_over" in offered:
            call("hand_over", {"reason": "the customer asked for a person"})
            return self._said(say["hand_over"], prompt, say)
        is_closing = newest and all(needs_no_answer(line) or (asked_in and refuses(line)) for line in newest)
        if is_closing and "stay_silent" in offered:
            call("stay_silent", {})
            return Thought(text="", provider=self.name, model="rules")
        if not text:
            is_voice = any(line.stands_for in {"voice", "audio"} for line in waiting)
            return self._said(say["voice" if is_voice else "media"], prompt, say)
        if (done := self._by_rule(text, language, offered, call)) is not None:
            return self._said(done, prompt, say)
        if is_greeting(text):
            return self._said(say["hello"], prompt, say)
        return self._said(from_knowledge(text, call) or say["unknown"], prompt, say)

    def _by_rule(self, text: str, language: str, offered: set[str], call: CallTool) -> str | None:
        for rule in self.rules:
            found = rule(text, language)
            if found is not None and found[0] in offered:
                return call(*found)
        return None

    def _said(self, text: str, prompt: Prompt, say: dict[str, str]) -> Thought:
        if prompt.is_first_answer:
            text = f"{text}\n\n{say['offline']}"
        return Thought(text=text, provider=self.name, model="rules")


def _waiting(prompt: Prompt) -> list[Line]:
    waiting: list[Line] = []
    for line in reversed(prompt.lines):
        if line.role != "customer":
            break
        waiting.append(line)
    return waiting[::-1]


def _language_of_offer(earlier: Sequence[Line]) -> str:
    """The language in which our last answer asked whether a person should answer; "" when it did not."""
    last = takewhile(lambda line: line.role == "assistant", reversed(earlier))
    offers = {say["unknown"]: language for language, say in SENTENCES.items()}
    return next((offers[line.text] for line in last if line.text in offers), "")


def from_knowledge(text: str, call: CallTool) -> str:
    """The content of the best entry, without its title; "" when nothing is written down."""
    found = call("search_knowledge", {"query": text})
    _title, separator, rest = found.partition("\n")
    return rest.split("\n\n")[0].strip() if separator else ""
