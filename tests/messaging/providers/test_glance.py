"""The quick test for bodies with statuses only. A message of a person must never wait in the queue of the statuses."""

import pytest

from messaging.providers import PROVIDERS
from messaging.providers.base import InboundMessage, StatusUpdate
from tests.messaging.providers.test_contract import captured


@pytest.mark.parametrize(("name", "body"), captured())
def test_no_body_with_a_message_seems_to_hold_statuses_only(name, body):
    provider = PROVIDERS[name]
    kinds = {type(provider.parse(item)) for item in provider.split(body)}

    assert not (provider.has_only_statuses(body) and InboundMessage in kinds)
    if kinds == {StatusUpdate} and provider.status_mark:
        assert provider.has_only_statuses(body)
