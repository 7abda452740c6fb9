"""Parse what an approver wrote: plain Python without rows.

A text must be understood completely, or nothing of it counts: an unclear text decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from approvals.answer_words import EXTRAS, NO_SIGNS, PHRASES, YES_SIGNS, answer_words
from common.text.plain import fold, truncate

ALL = "*"
MAX_REFERENCES = 50
MAX_READ = 2_000  # characters: a longer text is no answer, unless it is the text of an edit or a question
_SHORT = re.compile(r"^[a-hj-km-np-z][2-9][a-hj-km-np-z][2-9](?:[a-hj-km-np-z][2-9])?$")
_MARKED = re.compile(r"^\s*(?:#?(?P<ref>[\w]+)\s+)?(?P<word>[^\W\d_]+)\s*:\s*(?P<rest>.*)$", re.DOTALL)
_MARK = re.compile(r"^\s*(?:#?(?P<ref>[\w]+)\s+)?\?\s*(?P<rest>\S.*)$", re.DOTALL)
_RANGE = re.compile(r"(?<![\w-])(\d{1,2})\s*[-–]\s*(\d{1,2})(?![\w-])")
_NUMBER = re.compile(r"\bno\.\s*\d", re.IGNORECASE)  # "No. 3" is a number, or a no: it cannot be decided
_INSIDE = re.compile(r"(?:^|[\s,;])#?(?P<ref>\w+)\s+(?P<word>[^\W\d_]+)\s*:\s*", re.DOTALL)


class ApproverAct(StrEnum):
    """What an approver wants to do with a candidate."""

    YES = "yes"
    NO = "no"
    SKIP = "skip"
    EDIT = "edit"
    ASK = "ask"
    SHOW = "show"  # named, without anything else
    PENDING = "pending"


@dataclass(frozen=True)
class ParsedAnswer:
    """One act on one candidate: a line's number, a short id, ALL, or "" for the current question."""

    act: ApproverAct
    ref: str = ""
    text: str = ""


class UnclearAnswer(Exception):
    """It looks like an answer but cannot be understood completely."""


def parse_answers(text: str, language: str) -> list[ParsedAnswer]:
    """Return the answers in a text; [] when it is not about approvals. Raises Unclear."""
    text = truncate(text)
    if len(text) <= MAX_READ and _fold(text) in answer_words("PENDING", language):
        return [ParsedAnswer(ApproverAct.PENDING)]
    if found := _marked(text, language):
        return [found]
    if found_inside := _with_edit_inside(text, language):
        return found_inside
    if _NUMBER.search(text):
        raise UnclearAnswer
    answers = _line(_tokens(truncate(text, MAX_READ)), language)
    if answers and len(text) > MAX_READ:
        raise UnclearAnswer  # it begins as an answer, and the rest is unknown
    if answers and text.rstrip().endswith("?") and any(answer.act != ApproverAct.SHOW for answer in answers):
        raise UnclearAnswer  # "ok?" is a question
    return answers


def is_short_id(word: str) -> bool:
    """Return whether a word has the form of a short id."""
    return bool(_SHORT.match(word))


def _marked(text: str, language: str) -> ParsedAnswer | None:
    """Parse `edit: ...`, `question: ...` or `? ...`, with or without a candidate named before it."""
    for pattern in (_MARKED, _MARK):
        found = pattern.match(text)
        if found is None:
            continue
        ref = (found["ref"] or "").lower()
        if ref and not _is_ref(ref, language):
            continue
        word = _fold(truncate(found["word"], 100)) if "word" in found.re.groupindex else ""
        act = _act_of_mark(word, language) if word else ApproverAct.ASK
        if act is None:
            continue
        if not found["rest"].strip():
            raise UnclearAnswer
        return ParsedAnswer(act, _ref(ref, language), found["rest"].strip())
    return None


def _with_edit_inside(text: str, language: str) -> list[ParsedAnswer]:
    """Parse `1,3 yes 2 edit: new text`: everything after the colon is the text, so it comes last."""
    for found in _INSIDE.finditer(truncate(text, MAX_READ)):
        act = _act_of_mark(_fold(found["word"]), language)
        if act is None or not _is_ref(found["ref"].lower(), language):
            continue
        before, rest = text[: found.start()], text[found.end() :].strip()
        if not rest:
            raise UnclearAnswer
        return [*_line(_tokens(before), language), ParsedAnswer(act, _ref(found["ref"].lower(), language), rest)]
    return []


def _act_of_mark(word: str, language: str) -> ApproverAct | None:
    if word in answer_words("EDIT", language):
        return ApproverAct.EDIT
    return ApproverAct.ASK if word in answer_words("ASK", language) else None


def _line(tokens: list[str], language: str) -> list[ParsedAnswer]:
    """Parse references and acts: each act after its references, or all acts first."""
    kinds = [(_kind(token, language), token) for token in tokens]
    known = [kind for kind, _ in kinds if kind]
    if not known:
        return []
    if len(known) < len(kinds) or len(kinds) > MAX_REFERENCES:
        if not _is_meant(kinds):
            return []  # single words that may be an answer, inside a text that is none
        raise UnclearAnswer
    kinds = [(kind, token) for kind, token in kinds if kind != "and"]
    if not kinds:
        return []
    if len({kind for kind, _ in kinds}) == 1 and kinds[0][0] != "ref":
        return [ParsedAnswer(ApproverAct(kinds[0][0]))]  # "yes", and "yes 👍" too
    if all(kind == "ref" for kind, _ in kinds):
        return _only_references([_ref(token, language) for _, token in kinds])
    if kinds[0][0] != "ref":
        kinds.reverse()  # "skip 3": read backwards, it is "3 skip"
    return list(_pairs(kinds, language))


def _is_meant(kinds: Iterable[tuple[str, str]]) -> bool:
    """Return whether a text with unknown words is a mistyped answer: it begins as one."""
    first = next(iter(kinds))[0]
    return first in (ApproverAct.YES, ApproverAct.NO, ApproverAct.SKIP, "ref")


def _only_references(refs: list[str]) -> list[ParsedAnswer]:
    if refs == [ALL]:
        return [ParsedAnswer(ApproverAct.YES, ALL)]
    if len(refs) > 1:
        raise UnclearAnswer
    return [ParsedAnswer(ApproverAct.SHOW, refs[0])]


def _pairs(kinds: list[tuple[str, str]], language: str) -> Iterable[ParsedAnswer]:
    waiting: list[str] = []
    seen: set[str] = set()
    for kind, token in kinds:
        if kind == "ref":
            waiting.append(_ref(token, language))
            continue
        if not waiting or seen & set(waiting) or len(set(waiting)) < len(waiting):
            raise UnclearAnswer  # no candidate to act on, or one candidate answered twice
        seen.update(waiting)
        yield from [ParsedAnswer(ApproverAct(kind), ref) for ref in waiting]
        waiting = []
    if waiting or (ALL in seen and len(seen) > 1):
        raise UnclearAnswer


def _kind(token: str, language: str) -> str:
    if _is_ref(token, language):
        return "ref"
    if token in answer_words("AND", language):
        return "and"  # before YES: "1 y 2 no" in Spanish
    return next(
        (
            act
            for act in (ApproverAct.YES, ApproverAct.NO, ApproverAct.SKIP)
            if token in answer_words(act.name, language)
        ),
        "",
    )


def _is_ref(token: str, language: str) -> bool:
    is_number = token.isascii() and token.isdigit() and len(token) <= 2 and int(token) > 0
    return is_number or is_short_id(token) or token in answer_words("ALL", language)


def _ref(token: str, language: str) -> str:
    if token in answer_words("ALL", language):
        return ALL
    return str(int(token)) if token.isascii() and token.isdigit() else token


def _tokens(text: str) -> list[str]:
    return _fold(_RANGE.sub(_expand_range, text)).split()


def _expand_range(found: re.Match[str]) -> str:
    """Expand "2-4" to all its numbers."""
    first, last = int(found[1]), int(found[2])
    if not 0 < first < last:
        raise UnclearAnswer
    return " ".join(str(number) for number in range(first, last + 1))


def _fold(text: str) -> str:
    signs = {ord(sign): " yes " for sign in YES_SIGNS} | {ord(sign): " no " for sign in NO_SIGNS}
    plain = text.translate(EXTRAS).translate(signs)
    found = fold(plain)
    for phrase in PHRASES:
        found = re.sub(rf"\b{phrase}\b", phrase.replace(" ", "_"), found)
    return found
