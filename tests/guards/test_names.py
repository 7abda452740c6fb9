"""Names in the product: no two classes of one name, no words to avoid; limits for files and functions."""

import ast
import re
from collections import defaultdict
from functools import cache

import pytest

from tests.support.tree import APPS, ROOT

pytestmark = pytest.mark.once

FILE_LINES = 400
FUNCTION_LINES = 40
# Django finds these by their name in each app.
FRAMEWORK_NAMES = {"Command"}
# Two words with one meaning in the glossary, and names that a framework or an address prescribes.
TERMS = {"do_view", "give_up", "let_go", "put", "take_over"}
# Still to be renamed or shortened: these lists only get shorter.
OLD_NAMES = {"keep", "look", "look_up", "note", "take"}
LONG_FUNCTIONS = {"approvals/services/deciding.py vote", "messaging/services/channels.py set_up_channel"}
GLOSSARY = ROOT / "docs" / "glossary.md"


@cache
def modules():
    """Return (path, syntax tree) for each Python file of the product and the simulator, without migrations."""
    paths = [path for app in (*APPS, "simulator") for path in sorted((ROOT / app).rglob("*.py"))]
    return [
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for path in paths
        if "migrations" not in path.parts
    ]


def words_to_avoid():
    """Return the first words that the glossary refuses for names of functions."""
    text = GLOSSARY.read_text(encoding="utf-8")
    section = re.search(r"## Words that begin no name\n(.*?)(?:\n## |\Z)", text, re.DOTALL)
    return set(re.findall(r"`([a-z]+)`", section[1]))


def public_functions(tree):
    """Yield public functions of a module and public methods of its classes."""
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        for each in inner:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and not each.name.startswith("_"):
                yield each


def test_no_two_classes_have_one_name():
    places = defaultdict(list)
    for path, tree in modules():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name not in FRAMEWORK_NAMES:
                places[node.name].append(path)

    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}


def test_no_public_function_begins_with_a_word_to_avoid():
    avoided = words_to_avoid()
    found = [
        f"{path}:{function.lineno} {function.name}"
        for path, tree in modules()
        for function in public_functions(tree)
        if function.name.split("_")[0] in avoided and function.name not in TERMS | OLD_NAMES
    ]
    names = {function.name for _, tree in modules() for function in public_functions(tree)}

    assert len(avoided) >= 10
    assert found == []
    assert names >= OLD_NAMES, "take what was renamed off the list"


def test_functions_have_at_most_40_lines():
    found = {
        f"{path} {node.name}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    }

    assert found == LONG_FUNCTIONS


def test_files_have_at_most_400_lines():
    paths = [path for app in (*APPS, "simulator", "tests") for path in (ROOT / app).rglob("*.py")]
    lines = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    long = {path: count for path, count in lines.items() if count > FILE_LINES and "migrations" not in path}

    assert long == {}
