"""An address that the API does not know answers like the rest of the API."""

import pytest


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/nothing", "/api/sessions/1/nothing", "/api/"])
def test_it_is_a_problem_in_the_usual_form(path, client):
    response = client.get(path)

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["type"] == "/problems/not-found"
