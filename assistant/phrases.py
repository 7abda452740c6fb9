"""Phrases as data, by language: greetings, thanks, yes, no, and requests for a person (folded before comparing)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from common.text.plain import fold

MAX_LENGTH = 1000  # characters of a text that are looked at
# A message of only one of these asks for a person.
PERSON = {
    "en": [
        "a person", "person", "real person", "a real person", "human", "a human", "agent", "an agent", "operator",
        "representative", "customer service", "someone real", "a human being",
    ],
    "pt": ["atendente", "um atendente", "uma pessoa", "uma pessoa de verdade", "humano", "um humano", "atendimento"],
    "es": ["una persona", "persona", "una persona real", "humano", "un humano", "un agente", "agente", "asesor",
           "un asesor", "operador"],
    "ro": ["o persoana", "persoana", "o persoana reala", "un om", "un om real", "un operator", "un coleg"],
}  # fmt: skip
# Inside a sentence a verb and a noun for a person are needed, near each other: "a person to talk to".
REACH = {
    "en": ["talk", "speak", "chat", "connect", "transfer"],
    "pt": ["falar", "falo", "fale", "conversar", "atender", "chamar", "chame", "transferir", "transfere", "passar"],
    "es": ["hablar", "conversar", "comunicar", "comunicarme", "comuniqueme", "transferir", "pasame", "paseme"],
    "ro": ["vorbesc", "vorbi", "vorbim", "discut", "discuta", "transferati", "contacteze"],
}
# A weaker verb must stand right before: "I need a person", but not "I want a check-up for a person".
WANT = {
    "en": ["need", "want", "prefer", "get"],
    "pt": ["quero", "queria", "preciso", "prefiro"],
    "es": ["quiero", "quisiera", "necesito", "prefiero"],
    "ro": ["vreau", "doresc", "nevoie", "prefer"],
}
# Verbs of connecting somebody, followed by "to" or "para" and the person.
PUT_THROUGH = {
    "en": ["transfer", "connect"],
    "pt": ["passa", "passe", "passar", "transfere", "transferir", "transfira"],
    "es": ["pasame", "paseme", "transferir", "comuniqueme"],
    "ro": ["transferati", "transfera"],
}
SOMEBODY = {
    "en": [
        "person",
        "human",
        "someone",
        "somebody",
        "agent",
        "operator",
        "representative",
        "staff",
        "manager",
        "receptionist",
    ],
    "pt": ["pessoa", "humano", "humana", "alguem", "atendente", "responsavel", "gerente", "recepcionista"],
    "es": [
        "persona",
        "humano",
        "humana",
        "alguien",
        "agente",
        "asesor",
        "asesora",
        "operador",
        "encargado",
        "encargada",
        "gerente",
        "recepcionista",
    ],
    "ro": ["persoana", "om", "cineva", "operator", "coleg", "colega", "reprezentant", "responsabil"],
}
FOR = frozenset({"for", "per", "para", "pra", "por", "pentru"})  # "for one person" counts heads
REACH_WORDS, WANT_WORDS, THROUGH_WORDS = 6, 3, 3
POLITE = ["please", "por favor", "pf", "va rog", "te rog"]
GREETINGS = {
    "en": ["hi", "hello", "hey", "good morning", "good afternoon", "good evening"],
    "pt": ["oi", "ola", "bom dia", "boa tarde", "boa noite", "opa"],
    "es": ["hola", "buenos dias", "buenas tardes", "buenas noches", "buenas"],
    "ro": ["buna", "salut", "buna ziua", "buna dimineata", "buna seara", "servus", "salutare"],
}
SMALL_TALK = [
    "there", "how are you", "everyone", "tudo bem", "tudo bom", "como vai", "que tal", "como esta", "como estan",
    "ce faceti", "ce mai faceti", "ce faci",
]  # fmt: skip
CLOSINGS = {
    "en": [
        "ok", "okay", "thanks", "thank you", "thx", "great", "perfect", "bye", "goodbye", "got it", "alright", "cool",
        "no thanks", "no thank you", "see you", "see you tomorrow", "see you then",
    ],
    "pt": ["obrigado", "obrigada", "valeu", "beleza", "tchau", "perfeito", "certo", "ate logo", "ate amanha",
           "nao obrigado", "nao obrigada"],
    "es": ["gracias", "vale", "perfecto", "adios", "listo", "hasta luego", "hasta manana", "no gracias"],
    "ro": ["multumesc", "mersi", "perfect", "pa", "bine", "la revedere", "nu multumesc", "pe maine"],
}  # fmt: skip
EMPHASIS = [
    "so much", "very much", "a lot", "for your help", "for the help", "muito", "muita", "muitissimo", "pela ajuda",
    "muchas", "muchisimas", "mil", "por la ayuda", "mult", "frumos", "pentru ajutor",
]  # fmt: skip
AGREEMENTS = ["yes", "yeah", "yep", "sure", "ok", "okay", "sim", "claro", "quero", "si", "vale", "da", "sigur", "bine"]
REFUSALS = ["no", "nope", "nao", "nu"]


def asks_for_person(text: str) -> bool:
    """Return whether somebody asks for a human, in any of the languages; the first 1,000 characters count."""
    text = text[:MAX_LENGTH]
    words = fold(text).split()
    if _is_made_of(text, _all(PERSON), POLITE):
        return True
    return any(
        _stand_near(words, REACH[language], SOMEBODY[language], within=REACH_WORDS)
        or _stand_near(words, WANT[language], SOMEBODY[language], within=WANT_WORDS, in_order=True)
        or _stand_near(words, PUT_THROUGH[language], SOMEBODY[language], within=THROUGH_WORDS, may_be_for=True)
        for language in SOMEBODY
    )


def is_greeting(text: str) -> bool:
    """Return whether the text is a greeting and nothing else."""
    return _is_made_of(text, _all(GREETINGS), SMALL_TALK)


def needs_no_answer(text: str) -> bool:
    """Return whether the text only thanks, confirms or says good-bye (a thumbs-up counts)."""
    if "?" in text or len(text) > MAX_LENGTH:
        return False
    only_signs = bool(text.strip()) and not fold(text)
    return only_signs or _is_made_of(text, _all(CLOSINGS), EMPHASIS)


def is_yes(text: str) -> bool:
    """Return whether the text is a yes."""
    return "?" not in text and _is_made_of(text, AGREEMENTS, POLITE)


def is_no(text: str) -> bool:
    """Return whether the text is a no."""
    return "?" not in text and _is_made_of(text, REFUSALS, [*POLITE, *_all(CLOSINGS)])


def _is_made_of(text: str, phrases: Sequence[str], fillers: Sequence[str]) -> bool:
    """Return whether a text consists only of these, with at least one of `phrases`; False for a long one."""
    if len(text) > MAX_LENGTH:
        return False
    left = _without(fold(text), [*phrases, *fillers])
    return not left and bool(fold(text)) and _without(fold(text), phrases) != fold(text)


def _without(plain: str, phrases: Sequence[str]) -> str:
    longest_first = sorted(phrases, key=len, reverse=True)
    return " ".join(re.sub(rf"\b(?:{'|'.join(longest_first)})\b", " ", plain).split())


def _stand_near(
    words: Sequence[str],
    verbs: Sequence[str],
    people: Sequence[str],
    *,
    within: int,
    in_order: bool = False,
    may_be_for: bool = False,
) -> bool:
    """Return whether a verb and a person stand within so many words of each other, and not "for somebody"."""
    for i, word in enumerate(words):
        if word not in verbs:
            continue
        first = i + 1 if in_order else max(i - within, 0)
        for j in range(first, min(i + within, len(words) - 1) + 1):
            if words[j] in people and (may_be_for or not FOR & set(words[min(i, j) : max(i, j)])):
                return True
    return False


def _all(words: dict[str, list[str]]) -> list[str]:
    return [phrase for phrases in words.values() for phrase in phrases]
