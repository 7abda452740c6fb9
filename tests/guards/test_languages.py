"""Whatever an operator reads is there in every language, and the compiled catalogues are current."""

import importlib.util
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("messages_tool", ROOT / "bin" / "_messages.py")
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)


@pytest.fixture(scope="module")
def texts():
    return tool.wanted()


@pytest.mark.parametrize("language", tool.LANGUAGES)
def test_a_catalogue_is_complete_and_compiled(language, texts):
    """When this fails: bin/messages puts new texts in; translate them in locale/, then run it again."""
    assert list(tool.problems(language, texts)) == []


def test_the_tool_finds_texts_in_code_templates_and_names(texts):
    assert "Take over" in texts
    assert "Your role may look, but not act." in texts
    assert "last inbound at" in texts
    assert texts["%(counter)s unread message"] == "%(counter)s unread messages"
    assert "the reply window is shut" in texts


def test_placeholders_are_compared_with_how_often_they_stand():
    assert tool.places("%s of %(name)s, {x} and %s") == {"%s0", "%(name)s0", "{x}0", "%s1"}
