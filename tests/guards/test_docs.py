"""The manual names only what exists: files, links, scripts, commands, routes, tests and settings."""

import re
from functools import cache

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from tests.support.tree import APPS, ROOT

pytestmark = pytest.mark.once

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MADE_LATER = ("var", "secrets/", ".env", ".venv")  # by running the product
PLACEHOLDERS = {
    "<id>": "1", "<name>": "clinic", "<instance>": "clinic", "{instance_name}": "clinic", "{name}": "clinic",
    "<event>": "x", "<job>": "sweep", "<provider>": "meta", "<token>": "t" * 43, "<link>": "1:x:y", "<prefix>": "abc",
    "<message>": "2", "<label>": "2",
}  # fmt: skip
# Words with a slash that are no routes of ours: beginnings, the bridge's, the simulator's, the product's commands.
NO_ROUTES = re.compile(
    r"^/(bot|desk|send|data/media|v1|simulator/|webhook/set)"
    r"|^/(openai|azure|anthropic|n8n|alerts|receiver|core|meta|dialog360|evolution|twilio|imessage)$"
    r"|^/(api|admin|cron|webhook|webhooks/evolution)/\*?$"
)


@cache
def text_of(page):
    return page.read_text(encoding="utf-8")


def words_of(page):
    """What stands in backticks inside a line."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL))


def is_file_like(word):
    return bool(re.fullmatch(r"[\w.-]+(/[\w.-]+)+/?|[\w.-]+\.(py|md|toml|yml|txt)|Procfile|Dockerfile|LICENSE", word))


def is_there(word):
    if word.startswith(MADE_LATER) or (ROOT / word).exists():
        return True
    return "/" in word and not word.endswith("/") and "." not in word.rpartition("/")[2] and not is_of_ours(word)


def is_of_ours(word):
    return word.partition("/")[0] in {path.name for path in ROOT.iterdir()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", text_of(page))
    local = [target.split("#")[0] for pair in targets for target in pair if target and "://" not in target]

    assert [target for target in local if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_is_there(page):
    # A guide's own scripts stand in the left column of the page that maps the guides.
    foreign = {"scripts/auto_resume.py"}
    named = {word for text in words_of(page) for word in text.split() if is_file_like(word)}

    assert [word for word in sorted(named - foreign) if not is_there(word)] == []


def test_every_script_is_there_and_each_is_named():
    named = {script for page in PAGES for script in re.findall(r"(?<![\w/.])bin/([a-z][a-z-]*)", text_of(page))}
    scripts = {path.name for path in (ROOT / "bin").iterdir() if path.is_file() and not path.name.startswith("_")}

    assert sorted(named - scripts) == []
    assert sorted(scripts - named) == []


def test_every_command_is_there_and_each_of_ours_is_named():
    pattern = re.compile(r"(?:manage\.py|bin/manage) ([a-z][a-z_]+)")
    named = {command for page in PAGES for command in pattern.findall(text_of(page))}
    named |= {word for page in PAGES for word in words_of(page) if word in get_commands()}
    ours = {command for command, app in get_commands().items() if app in APPS}

    assert sorted(named - set(get_commands())) == []
    assert sorted(ours - named) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_route_is_there(page):
    routes = [re.sub(r"^(GET|POST) ", "", word) for word in words_of(page)]
    routes = {route.split("?")[0] for route in routes if re.fullmatch(r"/[\w<>{}/?=.*-]*", route)}

    assert [route for route in sorted(routes) if not NO_ROUTES.match(route) and not leads(route)] == []


def leads(route):
    for placeholder, value in PLACEHOLDERS.items():
        route = route.replace(placeholder, value)
    try:
        # What the API does not know has a route of its own, which answers 404.
        return route == "/admin" or resolve(route).func.__name__ != "unknown_api"
    except Resolver404:
        return False


def test_every_test_named_is_there_and_each_tested_fault_has_its_row():
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
    }
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", text_of(page))}
    faults = {number for name in tests for number in re.findall(r"^test_f(\d+)_", name)}
    rows = set(re.findall(r"^\| F(\d+) \|", text_of(ROOT / "docs/reliability.md"), re.MULTILINE))

    assert sorted(named - tests) == []
    assert sorted(faults - rows) == [], "docs/reliability.md needs a row for these faults"


def test_every_setting_and_list_named_is_in_the_code():
    files = [path for app in (*APPS, "simulator", "tests/support") for path in (ROOT / app).rglob("*.py")]
    files += [ROOT / "docker-compose.yml", ROOT / ".env.example", *ROOT.glob("bin/*"), *ROOT.glob("deploy/*")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file())
    named = {
        word
        for page in PAGES
        for text in words_of(page)
        for word in re.findall(r"(?<![\w<])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w*])", text)
    }

    assert len(named) > 60
    assert sorted(word for word in named if word.removeprefix("MICAI_") not in code) == []
