"""The entrance, the errors and the clock's door."""

import pytest

from tenants.declarations import JOBS


def test_a_program_gets_json(client):
    assert client.get("/").json() == {"service": "frontdesk", "status": "ok"}


def test_a_browser_gets_the_way_in_and_nothing_from_elsewhere(client, settings):
    settings.SIMULATOR_URL = ""
    page = client.get("/", headers={"Accept": "text/html"}).content.decode()

    assert '<a href="/admin/">' in page
    assert '<a href="/health">' in page
    assert "/simulator/" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_in_development_the_phone_is_shown(client, settings):
    settings.SIMULATOR_URL = "http://127.0.0.1:8001"

    assert '<a href="/simulator/">' in client.get("/", headers={"Accept": "text/html"}).content.decode()


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
def test_a_platform_probes_by_address_and_nothing_else_is_answered_so(client, settings, db, path):
    settings.ALLOWED_HOSTS = ["desk.example.test"]
    probe = {"Host": "10.1.2.3:8000"}

    assert client.get(path, headers=probe).json()["version"] == settings.VERSION
    assert client.get("/", headers=probe).status_code == 400
    assert client.get(f"{path}/x", headers=probe).status_code == 400


def test_an_unknown_address_gets_a_page_of_ours(client):
    response = client.get("/no-such-page")

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_each_answer_carries_an_id_and_the_security_headers(client):
    response = client.get("/", headers={"X-Request-ID": "from-the-proxy-1"})

    assert response["X-Request-ID"] == "from-the-proxy-1"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert len(client.get("/", headers={"X-Request-ID": "bad id\n"})["X-Request-ID"]) == 32


def test_the_clocks_door_wants_its_secret(client, settings):
    assert client.post("/cron/auto-resume").status_code == 401
    assert client.post("/cron/auto-resume", headers={"X-Cron-Secret": "wrong"}).status_code == 401
    settings.CRON_SECRET = ""
    assert client.post("/cron/auto-resume", headers={"X-Cron-Secret": ""}).status_code == 503


def test_the_clocks_door_knows_its_jobs(client, settings, db):
    secret = {"X-Cron-Secret": settings.CRON_SECRET}

    assert client.post("/cron/no-such-job", headers=secret).status_code == 404
    assert client.get("/cron/auto-resume", headers=secret).status_code == 405


@pytest.mark.parametrize("job", JOBS)
def test_each_job_runs_by_its_route(client, settings, db, job):
    response = client.post(f"/cron/{job}", headers={"X-Cron-Secret": settings.CRON_SECRET})

    assert response.status_code == 200
    assert response.json() == {"job": job, "count": 0}


def test_the_back_office_is_hidden_from_other_networks(client, settings, db):
    settings.ADMIN_ALLOWED_NETWORKS = ["203.0.113.0/24"]

    assert client.get("/admin/login/", REMOTE_ADDR="198.51.100.7").status_code == 404
    assert client.get("/admin/login/", REMOTE_ADDR="203.0.113.7").status_code == 200
    behind_proxy = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    assert client.get("/admin/login/", REMOTE_ADDR="172.18.0.2", headers=behind_proxy).status_code == 404
    forged = {"X-Forwarded-For": "203.0.113.9"}
    assert client.get("/admin/login/", REMOTE_ADDR="198.51.100.7", headers=forged).status_code == 404
