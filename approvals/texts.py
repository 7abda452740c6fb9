"""Texts for approvers in their language: questions, digests, answers. Plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from approvals.sentences import SENTENCES
from common.text.numbers import parse_whole_number
from common.text.sentences import translate

PART = 1000  # characters that a message with buttons can have with every provider
LINE = 160  # a candidate of up to so many characters is shown whole in a digest
PAYLOAD = "approval"


@dataclass(frozen=True, kw_only=True)
class ShownContent:
    """A candidate as it is shown."""

    pk: int
    short_id: str
    title: str
    body: str
    link: str
    is_urgent: bool
    has_image: bool
    deadline_at: datetime
    choices: Sequence[dict[str, str]]
    revision: int = 0
    edited: bool = False


def sentence(language: str, name: str, **values: object) -> str:
    """Return a sentence in the approver's language, in English where there is none."""
    return translate(SENTENCES[name], language, **values)


def question_texts(asked: ShownContent, *, language: str, zone: ZoneInfo) -> list[str]:
    """Return the texts of one question: what does not fit beside buttons comes first, in messages of its own."""
    head = [sentence(language, "urgent")] if asked.is_urgent else []
    head += [sentence(language, "new_text")] if asked.edited else []
    content = "\n\n".join(part for part in (asked.title, asked.body, asked.link) if part)
    foot = "\n".join(
        [
            sentence(language, "until", id=_shown(asked.short_id), at=_local(asked.deadline_at, zone)),
            sentence(language, "how"),
        ]
    )
    whole = "\n\n".join([*head, content, foot])
    if len(whole) <= PART:
        return [whole]
    last = "\n\n".join([*head, asked.title, foot])
    return [*_cut(content), last]


def buttons(asked: ShownContent, language: str) -> list[dict[str, str]]:
    """Return the choices as buttons; their payload names the candidate and which of its texts was shown."""
    return [
        {"payload": button_payload(asked.pk, asked.revision, choice["id"]), "title": button_label(choice, language)}
        for choice in asked.choices
    ]


def button_label(choice: dict[str, str], language: str) -> str:
    """Return the text of a button."""
    return choice.get("title") or sentence(language, f"button_{choice['id']}")


def button_payload(pk: int, revision: int, choice: str) -> str:
    """Return what a tap sends back."""
    return f"{PAYLOAD}:{pk}:{revision}:{choice}"


def parse_tap(text: str) -> tuple[int, int, str] | None:
    """Parse a tap on a button of ours to (candidate, revision, choice); None for other texts."""
    name, _, rest = text.partition(":")
    parts = rest.split(":", 2)
    if name != PAYLOAD or len(parts) != 3:
        return None
    candidate, revision = (parse_whole_number(part) for part in parts[:2])
    return None if candidate is None or revision is None else (candidate, revision, parts[2])


def is_whole_in_line(asked: ShownContent) -> bool:
    """Return whether a line of a digest shows the whole candidate."""
    return not asked.has_image and len(_plain(asked)) <= LINE


def digest_text(lines: Sequence[ShownContent], *, language: str, zone: ZoneInfo, left: int = 0) -> str:
    """Return several candidates as one message that can be answered in one line."""
    texts = [f"{number}. {_line(asked, language)}" for number, asked in enumerate(lines, start=1)]
    more = [sentence(language, "more", count=left)] if left else []
    head = sentence(language, "digest", count=len(lines))
    return "\n\n".join([head, "\n".join([*texts, *more]), sentence(language, "digest_how")])


def _line(asked: ShownContent, language: str) -> str:
    text = _plain(asked)
    sign = "❗ " if asked.is_urgent else ""
    if not is_whole_in_line(asked):
        text = f"{text[: LINE - 1].rstrip()}… {sentence(language, 'long')}" if len(text) > LINE else text + " 🖼"
    return f"{sign}{_shown(asked.short_id)} {text}"


def _plain(asked: ShownContent) -> str:
    return " · ".join(" ".join(part.split()) for part in (asked.title, asked.body, asked.link) if part)


def _shown(short_id: str) -> str:
    return f"#{short_id.upper()}"


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%d.%m. %H:%M")


def _cut(text: str) -> list[str]:
    """Split a text into parts of up to PART characters, at a line or a space where there is one."""
    parts = []
    while len(text) > PART:
        at = max(text.rfind("\n", 0, PART), text.rfind(" ", 0, PART))
        at = at if at > PART // 2 else PART
        parts.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*parts, text] if text else parts
