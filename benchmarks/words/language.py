"""How well the language of a chat is found: short informal lines, lines that tell nothing, other languages, chats.

Each corpus has two files: one to improve the words by, and `-unseen`, written at the same time and not looked at since.
A line is *found* when it alone tells its language; *wrong* when it is taken for another of our four languages; else it
is unsure. *Right in its chat* is a line in a chat that this language was found in: there an unsure line keeps the
language, so only a line that switches it is wrong. A chat is right when the language is right after every line.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Figure, Options
from common.text.language import LANGUAGES, detect, language_after

CORPUS = Path(__file__).parent / "corpora" / "language"
SEEN, UNSEEN = "", "-unseen"


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of this corpus."""
    for part in (SEEN, UNSEEN):
        for language in LANGUAGES:
            yield from _lines(language, part)
        yield _all_lines(part)
        yield from _others(part)
        yield from _chats(part)
    yield _speed()


def _lines(language: str, part: str) -> Iterator[Figure]:
    lines = [text for _, text in rows(language + part)]
    found = [detect(text) for text in lines]
    stays = [language_after(text, kept=language) == language for text in lines]
    note = f"{len(lines)} lines"
    wrong = sum(one not in ("", language) for one in found)
    yield _share(f"{language}{part}: found by the line alone", found.count(language), len(lines), note, at_least=95)
    yield _share(f"{language}{part}: wrong language by the line alone", wrong, len(lines), note, at_most=1)
    yield _share(f"{language}{part}: unsure", found.count(""), len(lines), note)
    yield _share(f"{language}{part}: right in its chat", sum(stays), len(lines), note, at_least=99)


def _all_lines(part: str) -> Figure:
    right = [detect(text) == language for language in LANGUAGES for _, text in rows(language + part)]
    return _share(
        f"all four{part}: found by the line alone", sum(right), len(right), f"{len(right)} lines", at_least=97
    )


def _others(part: str) -> Iterator[Figure]:
    others = [text for _, text in rows("others" + part)]
    called = sum(detect(text) != "" for text in others)
    yield _share(f"other languages{part}: called one of ours", called, len(others), f"{len(others)} lines", at_most=3)
    empty = [text for _, text in rows("undecidable" + part)]
    moved = sum(language_after(text, kept=kept) != kept for text in empty for kept in LANGUAGES)
    note = f"{len(empty)} lines in chats of four languages"
    yield _share(f"undecidable{part}: switches a chat", moved, len(empty) * len(LANGUAGES), note, at_most=0.5)


def _chats(part: str) -> Iterator[Figure]:
    chats = list(conversations(part))
    lines = [right for chat in chats for right in walk(*chat)]
    whole = sum(all(walk(*chat)) for chat in chats)
    note = f"{len(chats)} chats"
    yield _share(f"chats{part}: right after every line", whole, len(chats), note, at_least=90)
    yield _share(f"chats{part}: lines right", sum(lines), len(lines), f"{len(lines)} lines", at_least=97)


def walk(tenant: str, lines: list[tuple[str, str]]) -> list[bool]:
    """Whether the language of a chat is right after each line; before any is found it is the business's."""
    kept, before, right = "", [], []
    for expected, text in lines:
        kept = language_after(text, kept=kept, earlier=lambda: tuple(before[::-1]))
        before.append(text)
        right.append((kept or tenant) == expected)
    return right


def rows(name: str) -> list[tuple[str, str]]:
    """(what is expected, the line) of one file."""
    return [_row(line) for line in (CORPUS / f"{name}.tsv").read_text().splitlines()]


def conversations(part: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """(the business's language, the customer's lines with the language expected after each)."""
    for block in (CORPUS / f"conversations{part}.tsv").read_text().strip().split("\n\n"):
        head, *lines = block.splitlines()
        yield head.split()[2].rstrip(":"), [_row(line) for line in lines]


def _row(line: str) -> tuple[str, str]:
    expected, _, text = line.partition("\t")
    return expected, text


def _share(name: str, count: int, of: int, note: str, **target: float) -> Figure:
    return Figure(
        bench="words", name=f"language, {name}", value=round(100 * count / of, 1), unit="%", note=note, **target
    )


def _speed() -> Figure:
    lines = [text for language in LANGUAGES for _, text in rows(language)]
    started = time.process_time()
    for text in lines:
        detect(text)
    milliseconds = 1000 * (time.process_time() - started) / len(lines)
    return Figure(
        bench="words", name="language, one line", value=round(milliseconds, 3), unit="ms", note="processor time"
    )
