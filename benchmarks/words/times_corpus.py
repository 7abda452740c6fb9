"""The corpus of times as it stands in its files: sentences and the answers that are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

FOLDER = Path(__file__).parent / "corpora" / "times"
LANGUAGES = ("en", "pt", "es", "ro")
NOW = datetime(2026, 9, 14, 10, 0)  # noqa: DTZ001 - a Monday, on the wall clock of whoever writes
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A reading that is right."""

    first: datetime
    rule: str = ""
    until: date | None = None
    zone: str = ""  # "" is the zone of whoever writes
    is_delay: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """A sentence and what may be made of it."""

    sentence: str
    language: str
    now: datetime
    readings: tuple[Expected, ...]
    may_ask: bool  # to ask is right, too
    subject: str
    where: str  # file and line, for people

    @property
    def is_talk(self) -> bool:
        """Whether the sentence names no time at all."""
        return not self.readings and not self.may_ask


class BadLine(ValueError):
    """A line of a corpus that cannot be read."""


def load(language: str) -> list[Line]:
    """Return the lines of a language: those written by hand, then those made by the grammar. Raises BadLine."""
    return [line for name in (f"{language}.tsv", f"{language}-made.tsv") for line in _lines(FOLDER / name, language)]


def _lines(path: Path, language: str) -> Iterator[Line]:
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not text.strip() or text.startswith("#"):
            continue
        where = f"{path.name}:{number}"
        try:
            yield parse(text, language=language, where=where)
        except ValueError as error:
            raise BadLine(f"{where}: {error}: {text}") from error


def parse(text: str, *, language: str, where: str = "") -> Line:
    """Read one line: sentence, answers, subject, now. Raises ValueError when it breaks the format."""
    sentence, answers, subject, now = [*text.split("\t"), "", "", ""][:4]
    parts = [part.strip() for part in answers.split("|")]
    if "none" in parts and len(parts) > 1:
        raise ValueError("'none' stands alone")
    readings = tuple(_expected(part) for part in parts if part not in {"asks", "none"})
    if bool(readings) != bool(subject):
        raise ValueError("a reading has a subject, and only a reading")
    return Line(
        sentence=sentence,
        language=language,
        now=datetime.fromisoformat(now) if now else NOW,
        readings=readings,
        may_ask="asks" in parts,
        subject=subject,
        where=where,
    )


def _expected(text: str) -> Expected:
    day, on, at, *more = text.split(" ")
    first = datetime.fromisoformat(f"{on} {at}")
    if DAYS[first.weekday()] != day:
        raise ValueError(f"{on} is a {DAYS[first.weekday()]}")
    found = {part.split("=", 1)[0]: part.split("=", 1)[-1] for part in more}
    if unknown := set(found) - {"FREQ", "until", "zone", "delay"}:
        raise ValueError(f"unknown words {unknown}")
    return Expected(
        first=first,
        rule=f"FREQ={found['FREQ']}" if "FREQ" in found else "",
        until=date.fromisoformat(found["until"]) if "until" in found else None,
        zone=found.get("zone", ""),
        is_delay="delay" in found,
    )
