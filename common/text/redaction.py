"""Remove secrets and personal data from texts that leave the database: logs, error reasons, reports."""

from __future__ import annotations

import re
from typing import Any

_TELLING_NAME = (
    r"[\w-]{0,60}(?:token|secret|password|passwd|api[_-]?key|apikey|authorization|signature|cookie|dsn)[\w-]{0,60}"
)
# Key=value pairs and JSON members whose name says that the value is a secret.
_PAIR = re.compile(
    rf"(?i)([\"']?\b{_TELLING_NAME}[\"']?\s*[=:]\s*)(\"[^\"]*(?:\"|$)|'[^']*(?:'|$)|(?:bearer|basic)\s+\S+|[^\s,;&\"')\]}}]+)"
)
_NAMED = re.compile(rf"(?i)^{_TELLING_NAME}$")
_COUNTS = re.compile(r"(?i)tokens$")  # input_tokens=812 is a number of tokens
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]+)+")
_LONG_TOKEN = re.compile(
    r"\b(?:(?:sk|pk|rk|xox[abp]|whsec)[-_][-_A-Za-z0-9]{12,}|EAA[A-Za-z0-9]{16,}|(?:AC|SK)[0-9a-f]{32})\b"
    r"|\beyJ[\w-]{8,400}\.[\w-]{8,}(?:\.[\w-]*)?"
)
# Random text: 32 characters or more with both cases and digits. Hexadecimal ids of traces and requests do not match.
_RANDOM = re.compile(r"(?<![\w/+=.-])(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{32,}={0,2}(?![\w-])")
_UNBROKEN = re.compile(r"[^\s\"'<>]+")
_HOOK_TOKEN = re.compile(r"(/webhooks/\w+/|/calendar/)[A-Za-z0-9_-]{16,}")
# What looks like a phone number and is not: UUIDs, dates and times, decimal numbers. They are matched first and stay.
_KEPT = (
    r"(?<![\w-])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![\w-])"
    r"|(?<![\d-])(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-6]\d(?:[.,]\d+)?)?"
    r"(?:Z|\s?[+-][0-2]\d:?[0-5]\d)?)?(?![\d-])"
    r"|(?<![\w.+-])\d{1,7}\.\d+(?![\w.-]|\s?\d)"
)
_GAP = r"[\s().\-/\u2010-\u2015\u00a0\u202f]{0,3}"
_PHONE = re.compile(
    rf"(?P<kept>{_KEPT})"
    r"|(?<![\w.-])(?P<phone>"
    rf"[+\uff0b]\(?\d(?:{_GAP}\d){{6,17}}"  # +55 (11) 99999-8888
    rf"|\(?\d(?:{_GAP}\d){{9,17}}"  # 5511999998888, 11 99999 8888
    rf"|\(\d{{2,4}}\)\s?\d(?:{_GAP}\d){{4,9}}"  # (11) 555-0100
    r"|\d{2,4}(?:[\s.\u2011-]\d{2,4}){2,4}"  # 555 01 00 12: groups, seven digits or more
    r")(?![\w-]|\.\w)"
)
# A lower-case word, as events and providers are named: most texts of a log line. Prefixes of keys are left to the rules
# above.
_WORD = re.compile(r"(?!(?:sk|pk|rk|xox[abp]|whsec)_)[a-z_]{1,31}")
# Control characters, and those that change the writing direction of a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


MAX_LENGTH = 4_000  # characters of one text; more is not worth the time
MARGIN = 200  # characters read beyond the limit, because half of a secret would not be recognised
_SEPARATORS = " \t\r\n\"',;<>(){}[]"


def redact(text: str, limit: int = MAX_LENGTH) -> str:
    """Return `text` without secrets, e-mail addresses, phone numbers, query strings and control characters.

    It is truncated first, so that a long text costs no more than `limit` characters; the result is not longer than
    that.
    """
    return _redacted(_beginning(text, limit))[:limit]


def redact_end(text: str, limit: int = MAX_LENGTH) -> str:
    """Like `redact`, but keeps the end of the text, where a traceback names its error."""
    if len(text) > limit + MARGIN:
        read = text[-limit - MARGIN :]
        text = read[min((at for sign in _SEPARATORS if 0 <= (at := read.find(sign)) < MARGIN), default=MARGIN) :]
    return _redacted(text)[-limit:]


def _beginning(text: str, limit: int) -> str:
    """Truncate a text soon after `limit`, at the end of a word and not inside a number that is written with spaces."""
    if len(text) <= limit + MARGIN:
        return text
    read = text[: limit + MARGIN]
    end = max(read.rfind(sign, limit) for sign in _SEPARATORS)
    return read[: end if end >= 0 else limit].rstrip(" \t\r\n0123456789().+-/")


def _redacted(text: str) -> str:
    if _WORD.fullmatch(text):
        return text
    if "://" in text:
        text = _UNBROKEN.sub(_address, text)
    text = _HOOK_TOKEN.sub(r"\1…", text)
    text = _PAIR.sub(_pair, text)
    text = _BEARER.sub(r"\1 …", text)
    text = _LONG_TOKEN.sub("…", text)
    text = _EMAIL.sub("…@…", text)
    text = _PHONE.sub(_phone, text)
    text = _RANDOM.sub("…", text)
    return _CONTROL.sub(" ", text)


def is_secret_name(name: str) -> bool:
    """Return whether a value of this name is a secret, whatever it looks like."""
    return bool(_NAMED.match(name)) and not _COUNTS.search(name)


def redact_all(value: Any, *, name: str = "") -> Any:
    """Redact every text in lists and mappings, and secrets by their name."""
    if isinstance(value, dict):
        return {key: redact_all(item, name=str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact_all(item) for item in value]
    if name and value and is_secret_name(name) and not isinstance(value, (bool, float)):
        return "…"
    return redact(value) if isinstance(value, str) else value


def _address(found: re.Match[str]) -> str:
    """Return an internet address without its credentials and query; other words unchanged."""
    before, *places = found.group(0).split("://")
    kept = [before]
    for place in places:
        bare, mark, _query = place.partition("?")
        host, slash, path = bare.partition("/")
        login, at, host_alone = host.rpartition("@")
        kept.append(f"{f'…@{host_alone}' if at and ':' in login else host}{slash}{path}")
        if mark:
            kept[-1] += "?…"
            break  # a query goes on to the end of the word
    return "://".join(kept)


def _pair(found: re.Match[str]) -> str:
    name = re.sub(r"[\"'\s=:]", "", found.group(1))
    return found.group(0) if _COUNTS.search(name) and found.group(2).isdigit() else f"{found.group(1)}…"


def _phone(found: re.Match[str]) -> str:
    text = found.group(0)
    if found.group("kept"):
        return text
    return "…" if sum(character.isdigit() for character in text) >= 7 else text
