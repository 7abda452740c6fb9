"""Find links in a text in every spelling that an app may open, and allow them only by their host.

The text is analysed in a plain form (`PlainText`): compatible letters, without invisible characters, with one kind of
dot. Links found there are removed from the text as it was written. A link is allowed when it is written plainly and its
host is one of the allowed ones, or below one; a disguised host is not allowed, even where a browser would read the same
host as we do. All steps take time in proportion to the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

# Characters that show nothing and are no control or format characters by their category.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
_VARIANTS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000))))
_DOTS = frozenset("\u3002\uff61\u0701\u0702\u06d4\u2024\ufe52\uff0e\ua4f8\U000101ba")
_DOT_IN_BRACKETS = re.compile(r"[\[({][ \t]?(?:[.\u3002\uff0e\u2024]|dot|ponto|punto|punct)[ \t]?[\])}]", re.IGNORECASE)
# What the plain form may change: everything but the letters and marks of most texts.
_CHANGES = re.compile(
    "[^\t\n\r -~\u00c0-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e\u0218-\u021b"
    "\u2012-\u2015\u2018-\u201f\u2022\u20ac]"
)
# Letters of other scripts that look like Latin ones, used to disguise a domain or a scheme.
_LOOKALIKES = str.maketrans("асеорхуіјѕһӏԁɡռԛѡтмвкнαοερνικτυχ", "aceopxyijshldgnqwtmbkhaoepviktux")
_RUN = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_LINK_END = re.compile(r"[\s<>\"“”«»]")
_SLASHES = re.compile(r":[/\\]{2}")
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63}")
_PORT = re.compile(r":\d{1,5}")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
# Schemes that need no slashes. `data` is also a word in three of our languages, so its colon is checked.
_SCHEMES = frozenset({
    "http", "https", "hxxp", "hxxps", "ftp", "ftps", "sftp", "mailto", "tel", "sms", "smsto", "whatsapp", "upi", "sip",
    "sips", "javascript", "vbscript", "file", "blob", "view-source", "intent", "bitcoin", "ethereum", "litecoin", "tg",
    "facetime", "itms-apps",
})  # fmt: skip
_DATA = re.compile(r":(?:[\w.+-]{1,40}/[\w.+-]{1,80})?[;,]", re.ASCII)
_LONGEST = 2_048  # characters of a link that may be allowed
_TRAILING = ".,;:!?)]}'*_~"
_IN_PATH = "/\\=&?#%@:.+~-_"  # after one of these a name belongs to the link before it


@dataclass(frozen=True)
class Link:
    """A place in a text that an app may open, and where it leads."""

    start: int
    end: int
    host: str = ""  # in lower case; "" when it has none, or none that can be trusted
    mail: str = ""  # for an e-mail address
    number: str = ""  # for a telephone number
    is_glued: bool = False  # probably a full stop without its space: "closed.No parking"


class PlainText:
    """A text in its plain form, with the place of each character in the original."""

    def __init__(self, text: str) -> None:
        self.written = text
        # begin and end of the last word asked for, and its end without the punctuation of the sentence
        self._word = (0, 0, 0)
        self._places: Sequence[int] = range(len(text))
        self._ends: Sequence[int] = range(1, len(text) + 1)
        self.text = text
        if _CHANGES.search(text) or _DOT_IN_BRACKETS.search(text):
            self._rewrite(text)

    def _rewrite(self, text: str) -> None:
        signs: list[str] = []
        places: list[int] = []
        ends: list[int] = []
        position = 0
        while position < len(text):
            found = _DOT_IN_BRACKETS.match(text, position) if text[position] in "[({" else None
            end = found.end() if found else position + 1
            for sign in "." if found else _plain(text[position]):
                signs.append(sign)
                places.append(position)
                ends.append(end)
            position = end
        self.text = "".join(signs)
        self._places, self._ends = places, ends

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the same place in the original text."""
        return self._places[start], self._ends[end - 1]

    def is_written_so(self, start: int, end: int) -> bool:
        """Return whether the place looks the same in both, except for case; False for a very long one."""
        if end - start > _LONGEST:
            return False
        first, last = self.span(start, end)
        return self.written[first:last].lower() == self.text[start:end].lower()

    def end_of_link(self, start: int) -> int:
        """Return where the link ends for an app, without the punctuation of the sentence."""
        begun, end, trimmed = self._word
        if not begun <= start < end:
            found = _LINK_END.search(self.text, start)
            end = trimmed = found.start() if found else len(self.text)
            while trimmed > start and self.text[trimmed - 1] in _TRAILING:
                trimmed -= 1
            self._word = (start, end, trimmed)
        return max(start, trimmed)


@cache
def top_level_domains() -> frozenset[str]:
    """Return the top-level domains, in lower case, those of other scripts in their ASCII form."""
    lines = (Path(__file__).parent / "tlds.txt").read_text(encoding="ascii").split("\n")
    return frozenset(line for line in lines if line and not line.startswith("#"))


def links_in(text: str) -> list[Link]:
    """Return every link of a text in order, with places in the original text."""
    plain = PlainText(text)
    found: list[Link] = []
    taken = 0  # end of the last link
    for run in _RUN.finditer(plain.text):
        start, end = run.span()
        if "." not in run.group() and plain.text[end : end + 1] not in {":", "@"}:
            continue
        link = _link_at(plain, start, end, within=start < taken)
        if link is not None:
            taken = max(taken, link.end)
            found.append(link)
    return [_placed(plain, link) for link in found]


def is_below(host: str, allowed: set[str]) -> bool:
    """Return whether a host is one of these, or a name below one."""
    parts = host.split(".")
    return bool(host) and any(".".join(parts[position:]) in allowed for position in range(len(parts)))


def host_of(address: str) -> str:
    """Return the host of a trusted address in a setting or a form, with or without a scheme."""
    name = re.sub(r"^[a-z][a-z0-9+.-]{0,20}://", "", address.strip().lower())
    name = re.split(r"[/\\?#]", name, maxsplit=1)[0].rpartition("@")[2]
    return _ascii(_PORT.sub("", name).strip(_TRAILING)).removeprefix("www.")


def _link_at(plain: PlainText, start: int, end: int, *, within: bool) -> Link | None:
    """Return the link that a run of letters, digits, dots and hyphens is or begins."""
    text = plain.text
    if within and text[start - 1] in _IN_PATH:
        return None
    if _SLASHES.match(text, end):
        return _with_scheme(plain, start, end)
    if text[end : end + 1] == ":" and _is_scheme(text[start:end], text, end):
        return _without_slashes(plain, start, end)
    if text[end : end + 1] == "@" and (mail := _mail(plain, start, end)):
        return mail
    return _bare(plain, start, end)


def _with_scheme(plain: PlainText, start: int, end: int) -> Link:
    """Return the link `scheme://host...`; its host counts only for http and https."""
    last = plain.end_of_link(end)
    begun = end + 1
    while begun < last and plain.text[begun] in "/\\":
        begun += 1
    is_web = plain.text[start:end].lower() in {"http", "https"} and plain.text[end : end + 3] == "://"
    is_trusted = is_web and plain.text[begun - 2 : begun] == "//" and begun == end + 3
    return Link(start, last, host=_host_at(plain, start, begun, last) if is_trusted else "")


def _without_slashes(plain: PlainText, start: int, end: int) -> Link:
    """Return the link of `mailto:`, `tel:` and other schemes without slashes."""
    last = plain.end_of_link(end)
    name, rest = plain.text[start:end].lower(), plain.text[end + 1 : min(last, end + _LONGEST)]
    if name == "mailto" and plain.is_written_so(start, last):
        return Link(start, last, mail=rest.partition("?")[0].lower())
    if name in {"tel", "sms"} and plain.is_written_so(start, last):
        last = _end_of_number(plain.text, last)
        written = plain.text[end : min(last, end + 40)]
        return Link(start, last, number="".join(sign for sign in written if sign.isdigit()))
    return Link(start, last)


def _mail(plain: PlainText, start: int, end: int) -> Link | None:
    """Return the link of `name@host.ending`."""
    host = _RUN.match(plain.text, end + 1)
    if host is None:
        return None
    name = host.group().rstrip(".-")
    if "." not in name or not _is_ending(name.rpartition(".")[2]):
        return None
    while start > 0 and plain.text[start - 1] in "+%!&'":
        start -= 1
    last = host.start() + len(name)
    return Link(start, last, mail=plain.text[start:last].lower() if plain.is_written_so(start, last) else "")


def _bare(plain: PlainText, start: int, end: int) -> Link | None:
    """Return the link of `host.ending`, with or without a path."""
    text = plain.text
    trimmed = text[start:end].rstrip("-_")
    start, end = start + len(trimmed) - len(trimmed.lstrip("-_")), start + len(trimmed)
    name = text[start:end]
    first, dot, ending = name.rpartition(".")
    if not dot:
        return None
    has_more = text[end : end + 1] in {"/", "\\", "?", "#"} and end + 1 < len(text) and not text[end + 1].isspace()
    has_more = has_more or _PORT.match(text, end) is not None
    if _IPV4.fullmatch(name):
        return Link(start, plain.end_of_link(end)) if has_more else None
    is_named = has_more or first.lower().startswith("www.")
    if not _is_ending(ending) and not (is_named and len(ending) > 1 and ending.isalpha() and ending.isascii()):
        return None
    if not is_named and "." not in first and (first.isdigit() or (ending[0].isupper() and not first.isupper())):
        return Link(start, end, host=_host_at(plain, start, start, end), is_glued=True)
    last = plain.end_of_link(end) if has_more else end
    return Link(start, last, host="" if _touches_a_sign(text, start, end) else _host_at(plain, start, start, last))


def _touches_a_sign(text: str, start: int, end: int) -> bool:
    """Return whether an accent or an emoji stands beside a bare name: an app may take it as a part of it."""
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return any(unicodedata.category(sign)[0] in "MSC" and not sign.isascii() for sign in beside)


def _host_at(plain: PlainText, start: int, begun: int, last: int) -> str:
    """Return the host of a link when every program reads the same one; else ""."""
    text = plain.text
    if last - start > _LONGEST or "\\" in text[begun:last] or not plain.is_written_so(start, last):
        return ""
    end = min((at for sign in "/?#" if (at := text.find(sign, begun, last)) >= 0), default=last)
    name, _, port = text[begun:end].lower().partition(":")
    if port and not port.isdigit():
        return ""
    return _ascii(name.rstrip(_TRAILING)).removeprefix("www.")


def _ascii(name: str) -> str:
    """A host name in ASCII; "" when it is none. Names of other scripts are told apart by their coded form."""
    if not name.isascii() and len(name) < 254:
        try:
            name = ".".join(_coded(part) for part in name.split("."))
        except UnicodeError:
            return ""
    return name if len(name) < 254 and _HOST.fullmatch(name) and "." in name else ""


def _coded(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def _is_ending(name: str) -> bool:
    """Whether a name is a top-level domain, or looks like one."""
    name = name.lower()
    if len(name) > 63:
        return False
    return not top_level_domains().isdisjoint({name, _coded(name), name.translate(_LOOKALIKES)})


def _is_scheme(name: str, text: str, end: int) -> bool:
    following = text[end + 1 : end + 2]
    name = name.lower().translate(_LOOKALIKES)
    if not following or following.isspace():
        return False
    return name in _SCHEMES or (name == "data" and _DATA.match(text, end) is not None)


def _end_of_number(text: str, end: int) -> int:
    """Return the end of a telephone number that is written with spaces."""
    last = end
    while end < len(text) and (text[end].isdigit() or text[end] in " -().") and end - last < 20:
        end += 1
    return last + len(text[last:end].rstrip(" -(."))


def _placed(plain: PlainText, link: Link) -> Link:
    start, end = plain.span(link.start, link.end)
    return Link(start, end, host=link.host, mail=link.mail, number=link.number, is_glued=link.is_glued)


@lru_cache(maxsize=4096)
def _plain(sign: str) -> str:
    """Return one character in its plain form; "" when it shows nothing."""
    if sign.isascii():
        return sign if sign.isprintable() or sign.isspace() else ""
    if sign in _INVISIBLE or sign in _VARIANTS or unicodedata.category(sign) in {"Cf", "Cc"}:
        return ""
    if sign in _DOTS:
        return "."
    return "".join("." if one in _DOTS else one for one in unicodedata.normalize("NFKC", sign))
