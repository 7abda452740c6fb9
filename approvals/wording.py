"""What approvers read, in their language: prompts, digests, answers. Plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from approvals.phrases import PHRASES

PART = 1000  # what a message with buttons carries on every wire
LINE = 160  # a candidate of up to so many characters stands whole in a digest
PAYLOAD = "approval"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A candidate as somebody is shown it."""

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


def say(language: str, name: str, **values: object) -> str:
    """A sentence in the language of the approver, English where there is none."""
    table = PHRASES[name]
    return table.get(language, table["en"]).format(**values)


def prompt(asked: Asked, *, language: str, zone: ZoneInfo) -> list[str]:
    """The texts of one question: what does not fit beside buttons goes first, in messages of its own."""
    head = [say(language, "urgent")] if asked.is_urgent else []
    head += [say(language, "new_text")] if asked.edited else []
    content = "\n\n".join(part for part in (asked.title, asked.body, asked.link) if part)
    foot = "\n".join(
        [say(language, "until", id=_shown(asked.short_id), at=_local(asked.deadline_at, zone)), say(language, "how")]
    )
    whole = "\n\n".join([*head, content, foot])
    if len(whole) <= PART:
        return [whole]
    last = "\n\n".join([*head, asked.title, foot])
    return [*_cut(content), last]


def buttons(asked: Asked, language: str) -> list[dict[str, str]]:
    """The choices; their payload names the candidate and which of its texts was shown."""
    return [
        {"payload": payload(asked.pk, asked.revision, choice["id"]), "title": label(choice, language)}
        for choice in asked.choices
    ]


def label(choice: dict[str, str], language: str) -> str:
    """What stands on a button."""
    return choice.get("title") or say(language, f"button_{choice['id']}")


def payload(pk: int, revision: int, choice: str) -> str:
    """What a tap sends back."""
    return f"{PAYLOAD}:{pk}:{revision}:{choice}"


def tapped(text: str) -> tuple[int, int, str] | None:
    """(candidate, revision, choice) of a tap on a button of ours, or None."""
    name, _, rest = text.partition(":")
    parts = rest.split(":", 2)
    if name != PAYLOAD or len(parts) != 3:
        return None
    is_number = all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts[:2])
    return (int(parts[0]), int(parts[1]), parts[2]) if is_number else None


def is_whole_in_line(asked: Asked) -> bool:
    """Whether a line of a digest shows all there is."""
    return not asked.has_image and len(_plain(asked)) <= LINE


def digest(lines: Sequence[Asked], *, language: str, zone: ZoneInfo, left: int = 0) -> str:
    """Several candidates in one message, answered in one line."""
    texts = [f"{number}. {_line(asked, language)}" for number, asked in enumerate(lines, start=1)]
    more = [say(language, "more", count=left)] if left else []
    head = say(language, "digest", count=len(lines))
    return "\n\n".join([head, "\n".join([*texts, *more]), say(language, "digest_how")])


def _line(asked: Asked, language: str) -> str:
    text = _plain(asked)
    sign = "❗ " if asked.is_urgent else ""
    if not is_whole_in_line(asked):
        text = f"{text[: LINE - 1].rstrip()}… {say(language, 'long')}" if len(text) > LINE else text + " 🖼"
    return f"{sign}{_shown(asked.short_id)} {text}"


def _plain(asked: Asked) -> str:
    return " · ".join(" ".join(part.split()) for part in (asked.title, asked.body, asked.link) if part)


def _shown(short_id: str) -> str:
    return f"#{short_id.upper()}"


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%d.%m. %H:%M")


def _cut(text: str) -> list[str]:
    """Parts of up to PART characters, cut at a line or a blank where there is one."""
    parts = []
    while len(text) > PART:
        at = max(text.rfind("\n", 0, PART), text.rfind(" ", 0, PART))
        at = at if at > PART // 2 else PART
        parts.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*parts, text] if text else parts
