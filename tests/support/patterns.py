"""Every regular expression of the product, and texts made to slow each of them down."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache, partial
from pathlib import Path
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any, NamedTuple

from tests.support.tree import APPS

CALLS = {"compile", "sub", "subn", "match", "search", "fullmatch", "findall", "finditer", "split"}
ANCHORED = {"match", "fullmatch"}  # they look from the first place alone; all others look from every place
COMMON = "a1 -:/.A@_\n\t?#%&=+*(){}[]<>\"'"
UNBOUNDED = 200  # a repeat that may go on so long is attacked

# Whatever a pattern looks for, these are what people and machines repeat.
ATTACKS = (
    "a", "A", "1", " ", "\t", "\n", ".", "-", "/", "\\", ":", "@", "#", "?", "=", "&", "_", "*", "<", "(", "[", "{",
    '"', "'",
    "http://", "https://a?", "http://a:", "1-", "sk-", "a.", "a@", "a@b.", "a-", "a b ", "1 ", "1.", "(1", "+1", "Aa1",
    "token=", "token-", "secret", "bearer ", "eyJ", "/webhooks/a/", "a: ", "no. ", "**a", "__", "~~", "```", "[a](",
    "{{1", "{a",
    "at ", "every ", "in 1 ", "\u0301", "\ufdfa", "\u200b", "\u202e", "é", "ß", "İ", "１",
)  # fmt: skip


# Four times the text: linear takes 4 times as long, quadratic 16, cubic 64 times. Each bound lies halfway between two
# of them: a machine has to be wrong by a factor of two before it decides.
SHARE = 4
QUADRATIC = 8.0
EXPLOSION = 32.0
NEAR = 0.7  # of a bound: what takes less is not measured again
# A pattern that explodes shows it on a short text and is not tried on a long one. Short texts tell no square: a repeat
# of at most sixty signs looks like one there.
SHORT = (20, 250)
SIZES = (*SHORT, 1024, 2048, 8192)


class Use(NamedTuple):
    """A pattern, where it stands, and the methods that are called on it."""

    place: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


@cache
def modules() -> list[ModuleType]:
    """Every module of the apps, without migrations."""
    return list(_modules())


def _modules() -> Iterator[ModuleType]:
    for name in APPS:
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if ".migrations" not in found.name and not found.name.startswith(("config.settings", "config.wsgi")):
                yield importlib.import_module(found.name)


def kept_patterns() -> list[Use]:
    """The compiled patterns that modules keep in names, classes and containers."""
    used = _methods_by_name()
    found: dict[int, Use] = {}
    for module in modules():
        for name, value in vars(module).items():
            for pattern in _inside(value, depth=3):
                if id(pattern) not in found:
                    methods = used.get(name, set()) if value is pattern else set()
                    found[id(pattern)] = Use(
                        f"{module.__name__}.{name}", pattern, frozenset(methods or {"search", "match"})
                    )
    return list(found.values())


@cache
def written_patterns() -> tuple[list[Use], list[str]]:
    """The patterns of calls such as `re.sub(r"...")`, and the places of those that only a running function knows."""
    found, unknown = [], []
    for module in modules():
        for call, method in _calls(module):
            if method == "compile" and not _function_around(module, call):
                continue  # a module keeps it
            place = f"{module.__name__}:{call.lineno}"
            try:
                pattern = eval(compile(ast.Expression(call.args[0]), place, "eval"), dict(vars(module)))
                found.append(Use(place, re.compile(pattern, _flags(call, module)), frozenset({method})))
            except (NameError, AttributeError):
                unknown.append(f"{module.__name__}.{_function_around(module, call)}")
    return found, unknown


def attacks_on(pattern: re.Pattern[Any], size: int) -> list[str]:
    """Texts of `size` characters: what everybody repeats, and what this pattern itself repeats."""
    found = [_filled("", piece, size) for piece in (*ATTACKS, _sample(_tree(pattern))) if piece]
    for start, pieces in _repeats(pattern):
        for piece in pieces:
            found += [_filled(start, piece, size), _filled("", start + piece, size)]
    return found


def growth(use: Use, *, fast: float, limit: int | None = None) -> float:
    """How many times more processor time a text takes than its quarter, at worst; 0 when all are read in `fast`.

    `limit`: the pattern never sees a text that is longer, so that a square costs little.
    """
    sizes = SIZES if limit is None else (*(size for size in SIZES if size < limit), limit)
    texts = zip(*(attacks_on(use.pattern, size) for size in sizes), strict=True)
    quarters = zip(*(attacks_on(use.pattern, size // SHARE) for size in sizes), strict=True)
    worst = 0.0
    for same, shorter in zip(texts, quarters, strict=True):
        for size, text, quarter in zip(sizes, same, shorter, strict=True):
            once = _seconds(use, text, rounds=1)
            if once <= fast:
                continue
            tells_a_square = limit is None and size not in SHORT
            bound = QUADRATIC if tells_a_square else EXPLOSION
            found = _ratio(once, partial(_seconds, use, text), partial(_seconds, use, quarter), bound)
            if found >= bound:
                return found  # not the longer ones: they may take for ever
            if tells_a_square:
                worst = max(worst, found)
    return worst


def growth_of(work: Callable[[str], object], piece: str, *, size: int = 30_000, fast: float = 0.01) -> float:
    """The same for a function, with a text of one piece again and again; tried on shorter ones first."""
    for length, bound in ((size // 64, EXPLOSION), (size // 8, QUADRATIC), (size, QUADRATIC)):
        text = (piece * (length // len(piece) + 1))[:length]
        once = least_seconds(work, text, rounds=1)
        if once <= fast:
            continue
        quarter = text[: length // SHARE]
        found = _ratio(once, partial(least_seconds, work, text), partial(least_seconds, work, quarter), bound)
        if found >= bound or length == size:
            return found
    return 0.0


def _ratio(once: float, long: Callable[..., float], short: Callable[..., float], bound: float) -> float:
    """How many times longer the one takes, which took `once`; near `bound` measured again: no chance decides."""
    found = once / short(rounds=1)
    if found >= bound * NEAR:
        found = long(rounds=3) / short(rounds=3)
    for rounds in (5, 9):
        if found >= bound:
            found = min(found, long(rounds=rounds) / short(rounds=rounds))
    return found


def least_seconds(work: Callable[[str], object], text: str, *, rounds: int) -> float:
    """The least processor time of this thread that a function takes for a text."""
    times = []
    for _ in range(rounds):
        begun = time.thread_time()
        work(text)
        times.append(time.thread_time() - begun)
    return min(times)


def _filled(start: str, piece: str, size: int) -> str:
    """`start`, then `piece` again and again, then a sign that hardly any pattern takes: the match fails at the end."""
    return f"{start}{piece * (size // len(piece) + 1)}"[: size - 1] + "\0"


def _seconds(use: Use, text: str, *, rounds: int) -> float:
    """The least processor time of this thread in a few rounds: others on the machine do not count."""
    given: Any = text.encode() if isinstance(use.pattern.pattern, bytes) else text
    times = []
    for _ in range(rounds):
        begun = time.thread_time()
        if "match" in use.methods:
            use.pattern.match(given)
        if "fullmatch" in use.methods:
            use.pattern.fullmatch(given)
        if use.methods - ANCHORED:
            for _found in use.pattern.finditer(given):
                pass
        times.append(time.thread_time() - begun)
    return min(times)


def _inside(value: Any, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict) and depth:
        for item in value.values():
            yield from _inside(item, depth - 1)
    elif isinstance(value, (list, tuple, set, frozenset)) and depth:
        for item in value:
            yield from _inside(item, depth - 1)
    elif is_dataclass(value) and not isinstance(value, type) and depth:
        for item in fields(value):
            yield from _inside(getattr(value, item.name), depth - 1)
    elif isinstance(value, type) and value.__module__.split(".")[0] in APPS and depth:
        for item in list(vars(value).values()):
            yield from _inside(item, 1)


@cache
def _source(module: ModuleType) -> ast.Module:
    return ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))


def _calls(module: ModuleType) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(_source(module)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS):
            continue
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "re":
            yield node, node.func.attr


def _flags(call: ast.Call, module: ModuleType) -> int:
    given = [word.value for word in call.keywords if word.arg == "flags"]
    last = call.args[-1]
    if len(call.args) > 1 and re.match(r"re\.[A-Z]", ast.unparse(last)):
        given.append(last)
    return int(eval(compile(ast.Expression(given[0]), "flags", "eval"), dict(vars(module)))) if given else 0


def _function_around(module: ModuleType, call: ast.Call) -> str:
    names = [
        node.name
        for node in ast.walk(_source(module))
        if isinstance(node, ast.FunctionDef) and node.lineno <= call.lineno <= (node.end_lineno or 0)
    ]
    return names[-1] if names else ""


def _methods_by_name() -> dict[str, set[str]]:
    """Which methods are called on a name that holds a pattern, over all modules."""
    found: dict[str, set[str]] = {}
    for module in modules():
        for node in ast.walk(_source(module)):
            if isinstance(node, ast.Attribute) and node.attr in CALLS:
                holder = node.value
                name = holder.id if isinstance(holder, ast.Name) else getattr(holder, "attr", "")
                found.setdefault(name, set()).add(node.attr)
    return found


def _repeats(pattern: re.Pattern[Any]) -> list[tuple[str, list[str]]]:
    """For each long repeat: a text that leads up to it, and what one turn of it may be."""
    return list(_walk(_tree(pattern), ""))


def _tree(pattern: re.Pattern[Any]) -> Any:
    return parser.parse(
        pattern.pattern, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    )


def _walk(nodes: Any, before: str) -> Iterator[tuple[str, list[str]]]:
    for operation, value in nodes:
        if operation in {constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT}:
            _least, most, inner = value
            pieces = [piece for piece in _turns(inner) if piece]
            if most >= UNBOUNDED and pieces:
                yield before, pieces
            yield from _walk(inner, before)
        elif operation is constants.BRANCH:
            for branch in value[1]:
                yield from _walk(branch, before)
        elif operation is constants.SUBPATTERN:
            yield from _walk(value[3], before)
        elif operation in {constants.ASSERT, constants.ASSERT_NOT}:
            yield from _walk(value[1], before)
        elif operation is constants.ATOMIC_GROUP:
            yield from _walk(value, before)
        before += _sample([(operation, value)])


def _turns(nodes: Any) -> list[str]:
    """What one turn of a repeat may be: of a class of characters several, since the next part may take one of them."""
    if len(nodes) == 1 and nodes[0][0] is constants.IN:
        return _members(nodes[0][1])[:8]
    if len(nodes) == 1 and nodes[0][0] in {constants.NOT_LITERAL, constants.ANY}:
        return ["a", " ", "-", ":", "/", "."]
    return [_sample(nodes)]


def _sample(nodes: Any) -> str:
    return "".join(_sample_of(operation, value) for operation, value in nodes)


def _sample_of(operation: Any, value: Any) -> str:
    if operation is constants.LITERAL:
        return chr(value)
    if operation is constants.NOT_LITERAL:
        return "a" if value != ord("a") else "b"
    if operation is constants.ANY:
        return "a"
    if operation is constants.IN:
        return next(iter(_members(value)), "\0")
    if operation is constants.BRANCH:
        return _sample(value[1][0])
    if operation is constants.SUBPATTERN:
        return _sample(value[3])
    if operation is constants.ATOMIC_GROUP:
        return _sample(value)
    if operation in {constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT}:
        least, most, inner = value
        return _sample(inner) * (least if least or not most else 1)
    return ""  # places and assertions take no characters


def _members(choices: Any) -> list[str]:
    """Common characters of a class."""
    is_negated = choices[0][0] is constants.NEGATE
    return [sign for sign in COMMON if is_negated != any(_holds(choice, sign) for choice in choices)]


def _holds(choice: tuple[Any, Any], sign: str) -> bool:
    operation, value = choice
    if operation is constants.LITERAL:
        return ord(sign) == value
    if operation is constants.RANGE:
        return bool(value[0] <= ord(sign) <= value[1])
    if operation is constants.CATEGORY:
        return bool(_CATEGORIES[value](sign))
    return False


_CATEGORIES = {
    constants.CATEGORY_DIGIT: str.isdigit,
    constants.CATEGORY_NOT_DIGIT: lambda sign: not sign.isdigit(),
    constants.CATEGORY_SPACE: str.isspace,
    constants.CATEGORY_NOT_SPACE: lambda sign: not sign.isspace(),
    constants.CATEGORY_WORD: lambda sign: sign.isalnum() or sign == "_",
    constants.CATEGORY_NOT_WORD: lambda sign: not (sign.isalnum() or sign == "_"),
}
