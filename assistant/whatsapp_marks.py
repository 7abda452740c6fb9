"""Convert Markdown, as models and people write it, to WhatsApp's marks (wire/llm.md; WhatsApp.

*bold*, _italic_, ~struck~).

The text is parsed by markdown-it-py, so code, links and addresses are recognised and stay unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

# Models write chat messages, not documents: four spaces do not make code, tags are words.
RULES = (
    "fence", "blockquote", "hr", "list", "heading", "lheading", "table", "paragraph",
    "text", "newline", "escape", "backticks", "emphasis", "strikethrough", "link", "image", "autolink", "entity",
)  # fmt: skip
# An address stays unchanged: marks inside it are characters of it. It ends before punctuation or a mark.
_ADDRESS = re.compile(r"(?:\bhttps?://|\bwww\.)[^\s<>()\[\]`|]+|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_AFTER_ADDRESS = "*_~.,;:!?'\""
_HELD = re.compile("\ue000(\\d+)\ue001")
_PRIVATE = re.compile("[\ue000\ue001]")
_LANGUAGE = re.compile(r"[a-z][a-z0-9+#-]{0,14}")
_SCHEMES = ("mailto:", "tel:")


def for_whatsapp(text: str) -> str:
    """Return the text with Markdown converted to WhatsApp's marks; other text stays."""
    held: dict[str, int] = {}

    def hold(found: re.Match[str]) -> str:
        address = found[0].rstrip(_AFTER_ADDRESS)
        number = held.setdefault(address, len(held))
        return f"\ue000{number}\ue001{found[0][len(address) :]}"

    source = _ADDRESS.sub(hold, _PRIVATE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    shown = _blocks(_parser().parse(source), source.split("\n"))
    addresses = list(held)
    return _HELD.sub(lambda found: addresses[int(found[1])], shown).strip()


@cache
def _parser() -> Any:
    # Imported with the first answer: web processes never need it.
    from markdown_it import MarkdownIt

    parser = MarkdownIt("zero", {"maxNesting": 20}).enable(list(RULES))
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]  # the library's way
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # the library's way
    return parser


def _blocks(tokens: list[Any], lines: list[str]) -> str:
    """Return the blocks, with a blank line between them where the source has one."""
    shown: list[str] = []
    end = 0
    for block in _siblings(tokens):
        text = _block(block, lines)
        if not text:
            continue
        begin = block[0].map[0] if block[0].map else end
        if shown:
            shown.append("\n\n" if any(not line.strip(" \t>") for line in lines[end:begin]) else "\n")
        shown.append(text)
        end = _end(block, lines, default=begin)
    return "".join(shown)


def _siblings(tokens: list[Any]) -> Iterator[list[Any]]:
    """Split a list of tokens into its outermost blocks."""
    level, block = 0, []
    for token in tokens:
        block.append(token)
        level += token.nesting
        if level == 0:
            yield block
            block = []
    if block:
        yield block


def _end(block: list[Any], lines: list[str], *, default: int) -> int:
    """Return the first line after a block; the parser counts blank lines after a list as part of the list."""
    end = block[0].map[1] if block[0].map else default
    while end > default and not lines[end - 1].strip(" \t>"):
        end -= 1
    return end


def _block(block: list[Any], lines: list[str]) -> str:
    first = block[0]
    match first.type:
        case "paragraph_open":
            return _inline(block[1].children)
        case "heading_open":
            words = _inline(block[1].children)
            return words if "*" in words or not words else f"*{words}*"
        case "fence":
            return _code(first)
        case "blockquote_open":
            inside = _blocks(block[1:-1], lines)
            return "\n".join(f"> {line}" if line else ">" for line in inside.split("\n"))
        case "bullet_list_open" | "ordered_list_open":
            return _list(block[1:-1], lines)
        case "table_open":
            return _table(block)
    return ""  # a rule has no text


def _code(fence: Any) -> str:
    """Return fenced code; the language's name is dropped, other words beside the fence stay."""
    note = fence.info.strip()
    content = fence.content.rstrip() if _LANGUAGE.fullmatch(note) else f"{note}\n{fence.content}".strip()
    return f"```\n{content}\n```" if content.strip() else ""


def _list(tokens: list[Any], lines: list[str]) -> str:
    """Return one line for each item, whatever the spacing of the source; nested blocks are indented."""
    points = []
    for item in _siblings(tokens):
        mark = f"{item[0].info}{item[0].markup}" if item[0].info else "-"
        first, *below = [_block(block, lines) for block in _siblings(item[1:-1])] or [""]
        set_in = [f"  {line}" for text in below for line in text.split("\n") if line.strip()]
        points.append("\n".join([f"{mark} {first}".rstrip(), *set_in]))
    return "\n".join(points)


def _table(block: list[Any]) -> str:
    """Return a line for each row: the first cell, then the others with the names of their columns."""
    rows: list[list[str]] = []
    for token in block:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline(token.children))
    if not rows:
        return ""
    names, *body = rows
    if len(names) <= 2:
        heading = f"*{': '.join(name for name in names if name)}*" if any(names) else ""
        return "\n".join([*([heading] if heading else []), *(f"- {': '.join(filter(None, row))}" for row in body)])
    return "\n".join(_row(names, row) for row in body)


def _row(names: list[str], row: list[str]) -> str:
    pairs = zip(names[1:], row[1:], strict=False)
    others = ", ".join(f"{name} {cell}".strip() for name, cell in pairs if cell)
    return f"- {row[0]}: {others}" if others else f"- {row[0]}"


def _inline(tokens: list[Any]) -> str:
    """Return the text of a line with WhatsApp's marks."""
    line = _Line(tokens)
    for place, token in enumerate(tokens):
        line.add(place, token)
    return "".join(line.shown)


class _Line:
    """A line being built: the text so far, and the open marks and links."""

    def __init__(self, tokens: list[Any]) -> None:
        self.tokens = tokens
        self.shown: list[str] = []
        self.marks: list[str] = []
        self.links: list[tuple[str, int]] = []

    def add(self, place: int, token: Any) -> None:
        match token.type:
            case "text":
                self.shown.append(_plain(token.content))
            case "code_inline":
                self.shown.append(f"{token.markup}{token.content}{token.markup}")
            case "softbreak" | "hardbreak":
                # A mark of WhatsApp ends with its line.
                self.shown.append("".join(reversed(self.marks)) + "\n" + "".join(self.marks))
            case "image":
                self.shown.append(_link(_inline(token.children or []), str(token.attrs.get("src", ""))))
            case "link_open":
                self.links.append((str(token.attrs.get("href", "")), len(self.shown)))
            case "link_close":
                address, begin = self.links.pop()
                self.shown[begin:] = [_link("".join(self.shown[begin:]), address)]
            case _:
                self._mark(place, token)

    def _mark(self, place: int, token: Any) -> None:
        if token.nesting < 0:
            self.shown.append(self.marks.pop())
            return
        if token.type == "s_open":
            mark = "~"
        elif token.type == "strong_open":
            mark = next((mark for mark in "*_" if mark not in self.marks), "")
        else:
            mark = self._emphasis(place)
        self.marks.append(mark)
        self.shown.append(mark)

    def _emphasis(self, place: int) -> str:
        """Return the mark: one star is WhatsApp's bold, unless bold stands around or inside: then it is italic."""
        level, end = 0, place
        for end in range(place, len(self.tokens)):
            level += self.tokens[end].nesting
            if level == 0:
                break
        inside = [token for token in self.tokens[place + 1 : end] if token.type != "text" or token.content]
        if "*" not in self.marks and inside[0].type == "strong_open" and inside[-1].type == "strong_close":
            return "*"  # three stars: the outer mark is the bold one
        has_bold = "*" in self.marks or any(token.type == "strong_open" for token in inside)
        italic = "_" if "_" not in self.marks else ""
        return italic if has_bold or self.tokens[place].markup == "_" else "*"


def _plain(text: str) -> str:
    """Return text without stars that have no closing ones."""
    return re.sub(r"\*{2,}(?=[^\s*])|(?<=[^\s*])\*{2,}", "*", text)


def _link(label: str, address: str) -> str:
    """Return a readable link: its text, then the address, which WhatsApp makes clickable."""
    for scheme in _SCHEMES:
        if address.lower().startswith(scheme):
            address = address[len(scheme) :].partition("?")[0]
    label = label.strip()
    if not address or not label:
        return label or address
    return address if label in address else f"{label}: {address}"
