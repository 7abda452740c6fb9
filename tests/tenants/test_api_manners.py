"""What all calls of the API share: ETags, limits, headers, cross-origin calls, the form of errors."""

import pytest
from django.test import Client

from tenants.callers import KeyThrottle
from tenants.services import set_up_tenant
from tests.support.api import ApiCaller


@pytest.fixture
def api(clinic):
    return ApiCaller(clinic)


def test_an_answer_that_the_caller_has_is_not_sent_again(api, session):
    first = api.get(f"sessions/{session.pk}")
    path = f"/api/sessions/{session.pk}"

    same = api.client.get(path, headers=api.headers() | {"If-None-Match": f'"x", {first["ETag"]}'})
    api.post(f"sessions/{session.pk}/pause")
    other = api.client.get(path, headers=api.headers() | {"If-None-Match": first["ETag"]})

    assert first["ETag"].startswith('W/"')
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    assert (other.status_code, other.json()["is_paused"]) == (200, True)
    assert other["ETag"] != first["ETag"]
    assert {"Authorization", "Cookie"} <= set(other["Vary"].replace(" ", "").split(","))


def test_a_list_has_an_etag_too(api, session):
    first = api.get("sessions")

    assert api.client.get("/api/sessions", headers=api.headers() | {"If-None-Match": first["ETag"]}).status_code == 304


def test_an_error_has_no_etag_and_nothing_is_kept_by_caches(api):
    answer = api.get("sessions/999")

    assert answer.status_code == 404
    assert "ETag" not in answer
    assert answer["Cache-Control"] == "no-store"


def test_every_answer_tells_what_is_left(api, monkeypatch):
    monkeypatch.setattr(KeyThrottle, "THROTTLE_RATES", {"key": "3/min"})

    answers = [api.get("sessions"), api.get("sessions/999"), api.get("sessions"), api.get("sessions")]

    assert [answer["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert [answer.status_code for answer in answers] == [200, 404, 200, 429]
    assert {answer["RateLimit-Limit"] for answer in answers} == {"3"}
    assert 1 <= int(answers[3]["Retry-After"]) <= 20
    assert 40 < int(answers[3]["RateLimit-Reset"]) <= 60


def test_another_origin_may_call_when_it_is_named(settings, api):
    settings.CORS_ALLOWED_ORIGINS = ["https://front.example.test"]
    wanted = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "idempotency-key,x-tenant"}

    asked = Client().options("/api/sessions", headers={"Origin": "https://front.example.test"} | wanted)
    called = api.client.get("/api/sessions", headers=api.headers() | {"Origin": "https://front.example.test"})
    refused = api.client.get("/api/sessions", headers=api.headers() | {"Origin": "https://evil.example.test"})

    assert asked["Access-Control-Allow-Origin"] == "https://front.example.test"
    assert "idempotency-key" in asked["Access-Control-Allow-Headers"]
    assert "RateLimit-Remaining" in called["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Origin" not in refused


def test_an_error_points_at_the_field(api, session):
    answer = api.post(f"sessions/{session.pk}/pause", {"reason": ["x"], "hours": "2"})

    errors = {error["pointer"]: error["field"] for error in answer.json()["errors"]}
    assert errors == {"#/reason": "reason", "#/hours": "hours"}
    assert answer.json()["type"] == "/problems/invalid"


def test_an_error_of_the_query_points_at_no_body(api):
    errors = api.get("sessions", limit="many").json()["errors"]

    assert [(error["field"], "pointer" in error) for error in errors] == [("limit", False)]


@pytest.mark.parametrize("limit", ["0", "-1", "201", "x", "1.5", ""])
def test_a_page_size_that_makes_no_sense_is_told(api, limit):
    assert api.get("sessions", limit=limit).status_code == 400


def test_two_tenants_do_not_share_a_bucket(api, monkeypatch):
    monkeypatch.setattr(KeyThrottle, "THROTTLE_RATES", {"key": "1/min"})
    other = ApiCaller(set_up_tenant(slug="third", name="Third"))

    assert [api.get("sessions").status_code for _ in range(2)] == [200, 429]
    assert other.get("sessions").status_code == 200
