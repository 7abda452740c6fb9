"""The outgoing HTTP client, allowed to reach servers of this machine."""

from collections.abc import Iterator

import pytest

from common.http.client import Client


@pytest.fixture
def http_client() -> Iterator[Client]:
    client = Client(allow_private=True)
    yield client
    client.close()
