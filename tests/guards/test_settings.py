"""Every setting that the code reads is explained, and nothing is explained that the code does not read."""

import ast
import re

import pytest

from tests.support.tree import APPS, ROOT

pytestmark = pytest.mark.once

READERS = {"text", "flag", "number", "integer", "words", "url", "_networks"}


def read_in(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in READERS and isinstance(node.args[0].value, str):
            yield node.args[0].value


@pytest.fixture(scope="module")
def names():
    return {name for path in (ROOT / "config/settings").glob("*.py") for name in read_in(path)}


def test_the_manual_explains_exactly_the_settings_there_are(names):
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \|", (ROOT / "docs/settings.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert len(names) > 60
    assert sorted(rows) == sorted(names)


def test_the_example_names_exactly_the_settings_there_are(names):
    lines = re.findall(r"^(?:# )?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(lines) == sorted(names)


def test_every_row_of_the_manual_gives_meaning_default_and_example():
    rows = [line for line in (ROOT / "docs/settings.md").read_text().splitlines() if line.startswith("| `")]

    assert all(line.count("|") == 5 for line in rows)


def test_nothing_else_reads_the_environment():
    allowed = {"common/env.py", "config/gunicorn.py", "config/shared_metrics.py", "reports/api.py"}
    readers = {
        str(path.relative_to(ROOT))
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"os\.environ(?!\.setdefault\(.DJANGO_SETTINGS_MODULE)|os\.getenv", path.read_text())
    }

    assert readers <= allowed
