"""A text from which what was understood is taken away, piece by piece."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from reminders.when.lexicon import LEXICON

TAKEN = "\x00"
BEFORE, AFTER = r"(?<![\w])", r"(?![\w])"


class Words:
    """The words of one text, read as one language."""

    def __init__(self, text: str, language: str) -> None:
        self.original = unicodedata.normalize("NFC", text)
        self.text = "".join(_plain(letter) for letter in self.original)
        self.language = language
        self.is_broken = False  # a day that there is not was named, or a number that makes no sense
        self.lexicon = LEXICON[language]
        self._numbers = {
            word: value
            for value, entry in enumerate(str(self.lexicon["numbers"]).split(), start=1)
            for word in _spelled(entry)
        } | self.lexicon["more_numbers"]

    @property
    def names(self) -> str:
        """A pattern of a number in words."""
        return "|".join(sorted(self._numbers, key=len, reverse=True))

    @property
    def amount(self) -> str:
        """A pattern of a number, in digits or in words."""
        return rf"\d{{1,4}}|{self.names}|{self.lexicon['a']}"

    def knows(self, word: str) -> bool:
        """Whether this is a number, in digits or in words."""
        return word.isdecimal() or word in self._numbers

    @property
    def taken(self) -> int:
        """How many letters were understood."""
        return self.text.count(TAKEN)

    def number(self, word: str) -> int:
        """The value of a number that `amount` has matched."""
        return int(word) if word.isdecimal() else self._numbers.get(word, 1)

    def find(self, pattern: str) -> re.Match[str] | None:
        """The first place of a pattern, as whole words."""
        return _compiled(pattern).search(self.text)

    def find_raw(self, pattern: str) -> re.Match[str] | None:
        """The first place of a pattern that looks at its neighbours itself."""
        return re.search(pattern, self.text)

    def take(self, pattern: str) -> re.Match[str] | None:
        """The same, taken away."""
        found = self.find(pattern) if pattern else None
        if found is not None:
            self.drop(found)
        return found

    def drop(self, found: re.Match[str]) -> None:
        """Take away what was found."""
        self.text = self.text[: found.start()] + TAKEN * len(found[0]) + self.text[found.end() :]

    def rest(self) -> str:
        """What is left of the text as it was written."""
        kept = "".join(
            letter if plain != TAKEN else " " for letter, plain in zip(self.original, self.text, strict=True)
        )
        return " ".join(kept.split())


def _spelled(entry: str) -> list[str]:
    """The spellings that a simple pattern such as "duas|dois" or "uma?" stands for."""
    found = []
    for spelling in entry.split("|"):
        found += [spelling[:-2], spelling[:-1]] if spelling.endswith("?") else [spelling]
    return found


def _plain(letter: str) -> str:
    """One letter, small and without its accent; always one, so that positions stay."""
    decomposed = unicodedata.normalize("NFKD", letter.casefold())
    base = [part for part in decomposed if not unicodedata.combining(part)]
    return base[0] if base and base[0] != TAKEN else " "


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(f"{BEFORE}(?:{pattern}){AFTER}")
