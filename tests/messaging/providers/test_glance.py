"""How urgent a webhook is, is told at a glance; what a person writes is never put behind statuses."""

import pytest

from messaging.providers import PROVIDERS
from messaging.providers.base import InboundMessage, StatusUpdate
from tests.messaging.providers.test_contract import captured


@pytest.mark.parametrize(("name", "body"), captured())
def test_no_word_of_a_person_is_taken_for_a_status_at_a_glance(name, body):
    provider = PROVIDERS[name]
    kinds = {type(provider.parse(item)) for item in provider.split(body)}

    assert not (provider.tells_statuses_only(body) and InboundMessage in kinds)
    if kinds == {StatusUpdate} and provider.status_mark:
        assert provider.tells_statuses_only(body)
