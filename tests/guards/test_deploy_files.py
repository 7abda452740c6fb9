"""The files of `deploy/` and the Compose file do what their comments say: read by the programs they are written for."""

import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import yaml

from tests.support.ports import free_port
from tests.support.sockets import Listener

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
OURS = ("migrate", "web", "worker", "beat")


def program(name):
    """The path of a program of Debian, which may be missing on a developer's machine but not in CI."""
    found = shutil.which(name)
    if not found and os.environ.get("CI", "").lower() not in {"true", "1"}:
        pytest.skip(f"{name} is not installed")
    assert found, f"CI needs {name}"
    return found


def compose(given):
    """The Compose file with its variables replaced as Compose does it: `${NAME:-default}` stands in for empty too."""

    def replaced(text):
        inner = re.compile(r"(?<!\$)\$\{(\w+)(?::([-?])((?:[^${}]|\$\$)*))?\}")
        while found := inner.search(text):
            name, kind, other = found.groups()
            assert given.get(name) or kind != "?", f"{name}: {other}"
            text = (
                text[: found.start()] + (given.get(name) or (other if kind == "-" else "") or "") + text[found.end() :]
            )
        return text

    def walked(value):
        if isinstance(value, dict):
            return {key: walked(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [walked(entry) for entry in value]
        return replaced(value) if isinstance(value, str) else value

    return walked(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


def test_the_stack_starts_with_nothing_but_domain():
    services = compose({"DOMAIN": "desk.example.com"})["services"]

    for name in OURS:
        environment = services[name]["environment"]
        assert environment["PUBLIC_URL"] == "https://desk.example.com"
        assert environment["REDIS_URL"] == "redis://redis:6379/0"
        assert environment["ALLOWED_HOSTS"].split(",")[:3] == ["desk.example.com", "localhost", "127.0.0.1"]
    assert all(services["caddy"]["environment"].values())


def test_without_domain_it_says_what_is_missing():
    with pytest.raises(AssertionError, match="DOMAIN: name the public host"):
        compose({})


def test_what_dotenv_says_reaches_the_containers():
    given = {
        "DOMAIN": "desk.example.com",
        "PUBLIC_URL": "https://tunnel.example.org",
        "ALLOWED_HOSTS": "tunnel.example.org",
        "REDIS_URL": "rediss://:pw@managed.example.net:6380/0",
        "APP_ENV": "development",
        "MEDIA_ROOT": "/media",
        "PORT": "3000",
    }
    services = compose(given)["services"]

    for name in OURS:
        environment = services[name]["environment"]
        assert {key: environment[key] for key in ("PUBLIC_URL", "REDIS_URL", "APP_ENV", "MEDIA_ROOT")} == {
            key: given[key] for key in ("PUBLIC_URL", "REDIS_URL", "APP_ENV", "MEDIA_ROOT")
        }
        assert "tunnel.example.org" in environment["ALLOWED_HOSTS"].split(",")
        assert services[name]["volumes"] == ["media:/media"]
        # PORT of the guides (8080, 3000) is the machine's affair: the proxy and the checks ask for 8000.
        assert environment["PORT"] == "8000"
    assert services["web"]["ports"] == ["127.0.0.1:8001:8000"]
    assert compose({**given, "DESK_PORT": "9001"})["services"]["web"]["ports"] == ["127.0.0.1:9001:8000"]


def test_no_setting_that_dotenv_may_set_is_fixed_in_the_stack():
    fixed = {
        name
        for name, value in yaml.safe_load((ROOT / "docker-compose.yml").read_text())["x-app"]["environment"].items()
        if not name.endswith("_FILE") and f"${{{name}:-" not in value
    }

    assert fixed == {"PORT"}


def test_the_folder_under_the_tmpfs_can_be_written_by_the_products_user():
    dockerfile = (ROOT / "Dockerfile").read_text()

    # The mode of the folder is taken over by a tmpfs upon it, its owner is not.
    assert "-m 1777 /app/var" in dockerfile
    assert "/app/var" in compose({"DOMAIN": "x"})["services"]["web"]["tmpfs"]


def test_an_old_compose_gets_one_clear_sentence(tmp_path):
    for name in ("bin", "secrets", "tools"):
        (tmp_path / name).mkdir()
    shutil.copy(ROOT / "bin/up", tmp_path / "bin/up")
    (tmp_path / "secrets/secret_key").touch()
    docker = tmp_path / "tools/docker"
    docker.write_text('#!/bin/sh\n[ "$2" = version ] && echo 1.29.2\n')
    docker.chmod(0o755)
    environment = {"PATH": f"{docker.parent}:{os.environ['PATH']}", "DOMAIN": "desk.example.com"}

    done = subprocess.run([tmp_path / "bin/up"], env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (1, "frontdesk: needs Docker Compose 2.24 or newer; here it is 1.29.2.\n")


@pytest.mark.parametrize("unset", ["", "DESK"])
def test_a_real_caddy_takes_its_file_as_compose_hands_it_over(unset):
    environment = compose({"DOMAIN": "desk.example.com"})["services"]["caddy"]["environment"]
    given = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "DESK": "web:8000", **environment}
    given.pop(unset, None)
    command = [program("caddy"), "validate", "--adapter", "caddyfile", "--config", ROOT / "deploy/Caddyfile"]

    done = subprocess.run(command, env=given, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


class Desk(http.server.BaseHTTPRequestHandler):
    """Says how much of a body it was given."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.do_POST()

    def do_POST(self):
        left = int(self.headers.get("Content-Length") or 0)
        read = 0
        while left and (part := self.rfile.read(min(left, 1 << 16))):
            read, left = read + len(part), left - len(part)
        body = json.dumps(
            {"read": read, "host": self.headers["Host"], "proto": self.headers["X-Forwarded-Proto"]}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@contextmanager
def proxied(tmp_path, **given):
    desk = Listener(("127.0.0.1", 0), Desk)
    threading.Thread(target=desk.serve_forever, args=(0.02,), daemon=True).start()
    port = free_port()
    # Without its door for administration, so that two of them stand beside each other.
    config = tmp_path / "Caddyfile"
    config.write_text((ROOT / "deploy/Caddyfile").read_text().replace("{\n\tservers", "{\n\tadmin off\n\tservers", 1))
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "DOMAIN": f"http://127.0.0.1:{port}",
        "DESK": f"127.0.0.1:{desk.server_port}", **given,
    }  # fmt: skip
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", config]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        desk.shutdown()
        desk.server_close()


def post(url, size):
    """The status and what was read of the body; 0 when the proxy hangs up on what is too large."""
    request = urllib.request.Request(url, data=b"x" * size, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)["read"]
    except urllib.error.HTTPError as error:
        return error.code, None
    except urllib.error.URLError as error:
        if not isinstance(error.reason, ConnectionResetError | BrokenPipeError):
            raise
        return 0, None


MB = 1024 * 1024
REFUSED = {0, 413, 502}


def test_the_proxys_limits_fit_what_composer_api_and_wires_take(tmp_path):
    with proxied(tmp_path, OPERATOR_NETWORKS="127.0.0.1/32") as url:
        assert post(f"{url}/admin/messaging/conversation/1/send/", 25 * MB + 4096) == (200, 25 * MB + 4096)
        assert post(f"{url}/api/sessions/1/messages", 24 * MB) == (200, 24 * MB)
        assert post(f"{url}/webhook/demo", 64 * MB) == (200, 64 * MB)
        assert post(f"{url}/webhook", 3 * MB) == (200, 3 * MB)
        assert post(f"{url}/api/sessions/1/messages", 32 * MB)[0] in REFUSED
        assert post(f"{url}/webhooks/meta/token", 5 * MB)[0] in REFUSED


def test_the_proxy_hides_the_operators_pages_from_strangers(tmp_path):
    with proxied(tmp_path, OPERATOR_NETWORKS="203.0.113.7/32") as url:
        assert [post(f"{url}{path}", 1)[0] for path in ("/admin/", "/admin", "/metrics", "/health")] == [
            404,
            404,
            404,
            200,
        ]


@pytest.mark.parametrize("unit", sorted((ROOT / "deploy/systemd").glob("*.service")), ids=lambda path: path.name)
def test_systemd_takes_the_unit(unit, tmp_path):
    text = unit.read_text()
    # Its programs and its user are not on this machine; everything else is looked at.
    local = re.sub(r"/opt/frontdesk/.venv/bin/python", "/bin/true", text)
    local = re.sub(r"(?m)^(?:User|Group)=frontdesk$", "DynamicUser=yes", local)
    (tmp_path / unit.name).write_text(local)
    command = [program("systemd-analyze"), "verify", "--man=no", tmp_path / unit.name]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert unit.name not in done.stderr, done.stderr
