"""The description of the API: complete, valid, and shown by a page that asks nobody else."""

import io
import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular import validation
from jsonschema_rs import Draft202012Validator

from tenants.api_descriptions import FILE_TYPE
from tenants.api_pages import described_api
from tenants.problems import PROBLEMS

pytestmark = pytest.mark.once
MUTATING = {"post", "put", "patch", "delete"}


def operations():
    for path, methods in described_api()["paths"].items():
        for method, operation in methods.items():
            yield pytest.param(path, method, operation, id=f"{method.upper()} {path}")


def test_it_is_valid_and_made_without_a_warning():
    out = io.StringIO()

    call_command("spectacular", "--fail-on-warn", "--format", "openapi-json", stdout=out)

    page = json.loads(out.getvalue())
    assert page["openapi"].startswith("3.1")
    rules = json.loads((Path(validation.__file__).parent / "openapi_3_1_schema.json").read_text())
    validator = Draft202012Validator(rules)
    assert [error.message for error in validator.iter_errors(page)] == []
    del page["info"]
    assert any("info" in error.message for error in validator.iter_errors(page))


@pytest.mark.parametrize(("path", "method", "operation"), list(operations()))
def test_every_call_says_what_it_takes_gives_and_refuses(path, method, operation):
    assert operation["summary"]
    assert operation["description"]
    assert {"401", "403", "429", "503"} <= set(operation["responses"])
    assert ("404" in operation["responses"]) or "{" not in path
    assert operation.get("security") or path == "/api/login"
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            assert answer["content"]["application/problem+json"]["examples"], status
        elif "content" in answer and FILE_TYPE not in answer["content"]:
            assert answer["content"]["application/json"].get("examples"), status
    if "requestBody" in operation:
        assert operation["requestBody"]["content"]["application/json"]["examples"]
        assert {"400", "413", "415"} <= set(operation["responses"])


@pytest.mark.parametrize(("path", "method", "operation"), list(operations()))
def test_every_creating_call_takes_an_idempotency_key(path, method, operation):
    names = {parameter["name"] for parameter in operation.get("parameters", [])}

    assert ("201" in operation["responses"]) == ("Idempotency-Key" in names)
    assert ("If-None-Match" in names) == (method == "get")


def links_of(operation_id):
    """{what may follow: where its ids come from} of a call."""
    [operation] = [given.values[2] for given in operations() if given.values[2]["operationId"] == operation_id]
    answers = [answer for code, answer in operation["responses"].items() if code.startswith("2")]
    assert all(answer.get("links") == answers[0].get("links") for answer in answers)
    return {name: link["parameters"] for name, link in answers[0].get("links", {}).items()}


def test_links_say_which_call_may_follow_and_with_which_ids():
    made, own = {"id": "$response.body#/id"}, {"id": "$request.path.id"}

    assert links_of("make_a_label") == dict.fromkeys(["read_a_label", "change_a_label", "remove_a_label"], made)
    assert links_of("list_labels") == {"read_a_label": {"id": "$response.body#/results/0/id"}}
    assert links_of("pause_the_assistant") == {"read_a_session": own}
    assert {"resume_the_assistant", "list_messages", "write_a_message"} <= set(links_of("read_a_session"))
    assert links_of("write_a_message")["cancel_a_message"] == own | {"message": "$response.body#/id"}
    assert links_of("make_an_api_key")["revoke_an_api_key"] == {"prefix": "$response.body#/id"}
    assert links_of("remove_a_label") == links_of("log_in") == {}


@pytest.mark.parametrize(("path", "method", "operation"), list(operations()))
def test_every_link_leads_to_a_call_and_names_all_its_ids(path, method, operation):
    known = {given.values[2]["operationId"]: given.values[0] for given in operations()}

    for answer in operation["responses"].values():
        for link in answer.get("links", {}).values():
            assert set(link["parameters"]) == set(re.findall(r"{(\w+)}", known[link["operationId"]]))


def test_anybody_may_read_it(client):
    answer = client.get("/api/schema")

    assert answer["Content-Type"] == "application/json"
    assert answer.json()["info"]["title"] == "Frontdesk"
    assert client.get("/api/schema", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get("/api/schema", headers={"Accept": "application/vnd.oai.openapi"}).status_code == 200


def test_the_viewer_loads_nothing_from_elsewhere():
    client = Client()
    page = client.get("/api/docs")
    script = client.get("/api/docs", {"script": ""})

    sources = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert len(sources) >= 4
    assert all(source.startswith("/") and not source.startswith("//") for source in sources)
    assert not re.search(r"<script[^>]*>\s*[^<\s]", page.content.decode())
    assert "script-src 'self';" in page["Content-Security-Policy"]
    assert '"validatorUrl": null' in script.content.decode()
    assert script["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("name", sorted(PROBLEMS))
def test_every_type_of_a_problem_can_be_looked_up(client, name):
    answer = client.get(f"/problems/{name}")

    assert answer.status_code == 200
    assert answer.content.decode().startswith(name)


def test_an_unknown_type_is_not_there(client):
    assert client.get("/problems/nonsense").status_code == 404
