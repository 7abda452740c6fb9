"""Split a text into tokens: words, numbers, times and dates in digits. Positions refer to the text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

_AMPM = r"[ap]\.?\s?m\b\.?(?![\w])"
# In this order: what is longer and surer comes first. Each is of linear time: no part repeats another.
_WRITTEN = re.compile(
    r"(?P<address>\S+://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+)"
    r"|(?P<money>[$€£¥]\s?\d[\d.,]*|\d[\d.,]*\s?(?:[$€£¥%]|(?:de\s)?(?:lei|ron|eur|euros?|usd|dollars?|reais|brl|kg|km|ml|mg|cm|gb|pesos?)\b))"
    r"|(?P<phone>\+\d[\d ()-]{5,}\d)"
    r"|(?P<iso>20\d\d-\d{1,2}-\d{1,2}(?:t(?=\d))?)"
    r"|(?P<offset>(?:utc|gmt)\s?[+-]\s?\d{1,2}(?::?[0-5]\d)?\b)"
    r"|(?P<dmy>\d{1,2}[/.-]\d{1,2}[/.-](?:20)?\d\d\b(?![/.]\d))"
    r"|(?P<dm>\d{1,2}/\d{1,2}(?![/\d]))"
    r"|(?P<clock>\d{1,2}:\d\d(?::\d\d)?(?!\d))"
    r"|(?P<hm>\d{1,2}\s?h\s?\d\d(?:\s?m(?:in)?)?\b)"
    r"|(?P<decimal>\d{1,4}[.,]\d+(?![\d]))"
    r"|(?P<nth>\d{1,3}(?:st|nd|rd|th|\u00b0|o|a)(?![\w]))"
    r"|(?P<number>\d+)"
    rf"|(?P<ampm>{_AMPM})"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<sign>[^\s\w])"
)
_GLUED = {"h", "hs", "hrs", "m", "d", "w"}
# What may stand right after a number and say what it counts; other letters there are a form that we do not know.
UNITS_GLUED = {
    "am", "pm", "min", "mins", "minutes", "minutos", "hr", "hours", "horas", "hora", "ore", "day", "days", "dias", "zile", "sec", "feira", "weeks",
    "x", "k", "g", "kg", "km", "ml", "mg", "cm", "gb", "mm", "l",
}  # fmt: skip
MAX_GLUED = 4
ODD_DIGITS = {"No", "Nl"}  # "\u00bd", "\u00b2", "\u2460", "\u2167"
_APOSTROPHES = {"'", "\u2019", "`", "\u00b4"}
_DASHES = {"-", "\u2013", "\u2014"}
_KINDS = {"hm": "h_clock", "iso": "date", "dmy": "date", "dm": "date", "offset": "zone"}


@dataclass(frozen=True)
class Token:
    """A token: its kind, its form for comparing, and its place."""

    kind: str  # word, or one of the forms in digits
    plain: str
    start: int
    end: int
    value: Any = None
    accented: str = ""  # lower case with accents
    raw: str = ""  # as it was written
    is_joined: bool = False  # by a hyphen to the word before it


def fold_letters(text: str) -> str:
    """Return the text in lower case without accents, letter by letter, so that positions stay."""
    return "".join(_plain(letter) for letter in text)


def tokenize(text: str) -> list[Token]:
    """Return all tokens of a text in order, without spaces."""
    found: list[Token] = []
    is_joined = False
    for match in _WRITTEN.finditer(fold_letters(text)):
        kind, said = str(match.lastgroup), match[0]
        start, end = match.start(), match.end()
        accented = text[start:end].lower()
        is_glued = bool(found) and found[-1].end == start and found[-1].kind in {"number", "decimal"}
        if kind == "word" and is_glued and said in _GLUED:
            said = f"#{said}"
        elif kind == "sign" and said in _APOSTROPHES:
            continue
        elif kind == "ampm":
            # "Am" is a word as well: "I am", and Romanian "I have".
            is_time = "." in said or (bool(found) and found[-1].kind in {"number", "clock", "decimal"})
            kind, said = "word", f"{said[0]}m" if is_time else f"~{said}"
        elif kind == "sign":
            if said in _DASHES and text[start - 1 : start].isalpha() and text[end : end + 1].isalpha():
                is_joined = True
                continue  # "segunda-feira"
            kind = "word" if said in "&@" else "comma" if said in ",:" else "dash" if said in _DASHES else "stop"
        if kind == "word" and is_glued and said.isalpha() and len(said) < MAX_GLUED and said not in UNITS_GLUED:
            kind = "odd_number"
        if kind == "word" and any(unicodedata.category(letter) in ODD_DIGITS for letter in said):
            kind = "odd_number"
        value = _value(kind, said)
        if kind not in {"word", "comma", "dash", "stop", "odd_number"}:
            kind = _KINDS.get(kind, kind) if value is not None else "plain_number"
        found.append(Token(kind, said, start, end, value, accented, text[start:end], is_joined))
        is_joined = False
    return found


def _value(kind: str, said: str) -> Any:
    """Return the value of the form; None for one that is no time and no possible number."""
    numbers = [int(part) for part in re.findall(r"\d+", said)]
    match kind:
        case "number":
            is_year = len(said) == 4 and said.startswith("20")
            return numbers[0] if len(said) <= 4 and not is_year else (("year", numbers[0]) if is_year else None)
        case "nth":
            return numbers[0]
        case "decimal":
            return tuple(re.split(r"[.,]", said))
        case "clock" | "hm":
            return numbers[0], numbers[1]
        case "iso":
            return numbers[2], numbers[1], numbers[0]
        case "dmy":
            return numbers[0], numbers[1], numbers[2] if numbers[2] > 99 else 2000 + numbers[2]
        case "dm":
            return (numbers[0], numbers[1], None) if numbers != [24, 7] else None
        case "offset":
            return said
    return None


def _plain(letter: str) -> str:
    if unicodedata.category(letter) in ODD_DIGITS:
        return letter
    decomposed = unicodedata.normalize("NFKD", letter.casefold())
    base = [part for part in decomposed if not unicodedata.combining(part)]
    return base[0] if base else " "
