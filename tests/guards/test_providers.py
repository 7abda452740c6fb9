"""A provider is one folder and one line: nothing else of the product decides by the name of a provider."""

import ast

import pytest
from django.conf import settings

from messaging.providers import PROVIDERS
from tests.support.tree import APPS, ROOT

pytestmark = pytest.mark.once

# Examples in the description of the API, and the channels of the demo.
EXAMPLES = {"messaging/api/examples.py", "config/demo.py", "config/demo_large.py"}


def files():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if not place.startswith("messaging/providers/") and "migrations" not in path.parts:
                yield place, path


def test_no_file_outside_the_providers_names_one():
    found = {
        f"{place}:{node.lineno} {node.value}"
        for place, path in files()
        if place not in EXAMPLES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in PROVIDERS
    }

    assert len(list(files())) > 300
    assert found == set()


@pytest.mark.parametrize("name", PROVIDERS)
def test_what_a_provider_names_is_there(name):
    provider = PROVIDERS[name]
    named = [*provider.credential_settings.values(), *provider.question_settings]
    named += [provider.base_url_setting, provider.external_id_setting, provider.owner_setting]

    assert [setting for setting in named if setting and not hasattr(settings, setting)] == []
    assert set(provider.credential_settings) <= set(provider.credential_names)
    assert provider.base_url_setting or provider.base_url_credential in provider.credential_names
    assert provider.guide.own_secret in ("", *provider.credential_names)
    assert provider.proofs[0] in provider.credential_names
