"""Read what an approver wrote: plain Python, knows no rows.

All of a text must be understood, or nothing of it counts: what is unclear decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from approvals.words import EXTRAS, NO_SIGNS, PHRASES, YES_SIGNS, words
from common.text.plain import fold, truncate

ALL = "*"
MAX_REFERENCES = 50
MAX_READ = 2_000  # characters: what is longer answers nothing, unless it is the text of an edit or a question
_SHORT = re.compile(r"^[a-hj-km-np-z][2-9][a-hj-km-np-z][2-9](?:[a-hj-km-np-z][2-9])?$")
_MARKED = re.compile(r"^\s*(?:#?(?P<ref>[\w]+)\s+)?(?P<word>[^\W\d_]+)\s*:\s*(?P<rest>.*)$", re.DOTALL)
_MARK = re.compile(r"^\s*(?:#?(?P<ref>[\w]+)\s+)?\?\s*(?P<rest>\S.*)$", re.DOTALL)
_RANGE = re.compile(r"(?<![\w-])(\d{1,2})\s*[-–]\s*(\d{1,2})(?![\w-])")
_NUMBER = re.compile(r"\bno\.\s*\d", re.IGNORECASE)  # "No. 3" is a number, or a no: nobody can say
_INSIDE = re.compile(r"(?:^|[\s,;])#?(?P<ref>\w+)\s+(?P<word>[^\W\d_]+)\s*:\s*", re.DOTALL)


class Act(StrEnum):
    """What is to be done with a candidate."""

    YES = "yes"
    NO = "no"
    SKIP = "skip"
    EDIT = "edit"
    ASK = "ask"
    SHOW = "show"  # named, and nothing said about it
    PENDING = "pending"


@dataclass(frozen=True)
class Answer:
    """One act on one candidate: a line's number, a short id, ALL, or "" for the one in question."""

    act: Act
    ref: str = ""
    text: str = ""


class Unclear(Exception):
    """It looks like an answer, and is not one that can be understood whole."""


def read(text: str, language: str) -> list[Answer]:
    """The answers in a text; [] when it is not about approvals at all. Raises Unclear."""
    text = truncate(text)
    if len(text) <= MAX_READ and _fold(text) in words("PENDING", language):
        return [Answer(Act.PENDING)]
    if found := _marked(text, language):
        return [found]
    if found_inside := _with_edit_inside(text, language):
        return found_inside
    if _NUMBER.search(text):
        raise Unclear
    answers = _line(_tokens(truncate(text, MAX_READ)), language)
    if answers and len(text) > MAX_READ:
        raise Unclear  # it begins as an answer, and nobody knows how it goes on
    if answers and text.rstrip().endswith("?") and any(answer.act != Act.SHOW for answer in answers):
        raise Unclear  # "ok?" asks
    return answers


def is_short_id(word: str) -> bool:
    """Whether a word has the form of a short id."""
    return bool(_SHORT.match(word))


def _marked(text: str, language: str) -> Answer | None:
    """`edit: ...`, `question: ...` or `? ...`, with or without a candidate named before it."""
    for pattern in (_MARKED, _MARK):
        found = pattern.match(text)
        if found is None:
            continue
        ref = (found["ref"] or "").lower()
        if ref and not _is_ref(ref, language):
            continue
        word = _fold(truncate(found["word"], 100)) if "word" in found.re.groupindex else ""
        act = _act_of_mark(word, language) if word else Act.ASK
        if act is None:
            continue
        if not found["rest"].strip():
            raise Unclear
        return Answer(act, _ref(ref, language), found["rest"].strip())
    return None


def _with_edit_inside(text: str, language: str) -> list[Answer]:
    """`1,3 yes 2 edit: new text`: everything after the colon is the text, so it comes last."""
    for found in _INSIDE.finditer(truncate(text, MAX_READ)):
        act = _act_of_mark(_fold(found["word"]), language)
        if act is None or not _is_ref(found["ref"].lower(), language):
            continue
        before, rest = text[: found.start()], text[found.end() :].strip()
        if not rest:
            raise Unclear
        return [*_line(_tokens(before), language), Answer(act, _ref(found["ref"].lower(), language), rest)]
    return []


def _act_of_mark(word: str, language: str) -> Act | None:
    if word in words("EDIT", language):
        return Act.EDIT
    return Act.ASK if word in words("ASK", language) else None


def _line(tokens: list[str], language: str) -> list[Answer]:
    """References and acts, the acts after their references or all before them."""
    kinds = [(_kind(token, language), token) for token in tokens]
    known = [kind for kind, _ in kinds if kind]
    if not known:
        return []
    if len(known) < len(kinds) or len(kinds) > MAX_REFERENCES:
        if not _is_meant(kinds):
            return []  # single words that also stand in answers, in a text that is none
        raise Unclear
    kinds = [(kind, token) for kind, token in kinds if kind != "and"]
    if not kinds:
        return []
    if len({kind for kind, _ in kinds}) == 1 and kinds[0][0] != "ref":
        return [Answer(Act(kinds[0][0]))]  # "yes", and "yes 👍" too
    if all(kind == "ref" for kind, _ in kinds):
        return _only_references([_ref(token, language) for _, token in kinds])
    if kinds[0][0] != "ref":
        kinds.reverse()  # "skip 3": read from behind, it is "3 skip"
    return list(_pairs(kinds, language))


def _is_meant(kinds: Iterable[tuple[str, str]]) -> bool:
    """Whether a text with unknown words is an answer gone wrong: it begins as one."""
    first = next(iter(kinds))[0]
    return first in (Act.YES, Act.NO, Act.SKIP, "ref")


def _only_references(refs: list[str]) -> list[Answer]:
    if refs == [ALL]:
        return [Answer(Act.YES, ALL)]
    if len(refs) > 1:
        raise Unclear
    return [Answer(Act.SHOW, refs[0])]


def _pairs(kinds: list[tuple[str, str]], language: str) -> Iterable[Answer]:
    waiting: list[str] = []
    seen: set[str] = set()
    for kind, token in kinds:
        if kind == "ref":
            waiting.append(_ref(token, language))
            continue
        if not waiting or seen & set(waiting) or len(set(waiting)) < len(waiting):
            raise Unclear  # nothing it could be about, or one candidate answered twice
        seen.update(waiting)
        yield from [Answer(Act(kind), ref) for ref in waiting]
        waiting = []
    if waiting or (ALL in seen and len(seen) > 1):
        raise Unclear


def _kind(token: str, language: str) -> str:
    if _is_ref(token, language):
        return "ref"
    if token in words("AND", language):
        return "and"  # before YES: "1 y 2 no" in Spanish
    return next((act for act in (Act.YES, Act.NO, Act.SKIP) if token in words(act.name, language)), "")


def _is_ref(token: str, language: str) -> bool:
    is_number = token.isascii() and token.isdigit() and len(token) <= 2 and int(token) > 0
    return is_number or is_short_id(token) or token in words("ALL", language)


def _ref(token: str, language: str) -> str:
    if token in words("ALL", language):
        return ALL
    return str(int(token)) if token.isascii() and token.isdigit() else token


def _tokens(text: str) -> list[str]:
    return _fold(_RANGE.sub(_spread, text)).split()


def _spread(found: re.Match[str]) -> str:
    """ "2-4" in full: the lines between are meant too."""
    first, last = int(found[1]), int(found[2])
    if not 0 < first < last:
        raise Unclear
    return " ".join(str(number) for number in range(first, last + 1))


def _fold(text: str) -> str:
    signs = {ord(sign): " yes " for sign in YES_SIGNS} | {ord(sign): " no " for sign in NO_SIGNS}
    plain = text.translate(EXTRAS).translate(signs)
    found = fold(plain)
    for phrase in PHRASES:
        found = re.sub(rf"\b{phrase}\b", phrase.replace(" ", "_"), found)
    return found
