"""The scripts, locks and deployment files hold together."""

import ast
import importlib.metadata
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.spreading import Spreading

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(path for path in [*(ROOT / "bin").iterdir(), ROOT / ".ci/run"] if path.is_file() and not path.suffix)
LOCKS = ("requirements.txt", "requirements-dev.txt")
APPS = (
    "alerts",
    "approvals",
    "assistant",
    "common",
    "config",
    "messaging",
    "privacy",
    "reminders",
    "reports",
    "simulator",
    "tenants",
    "timewords",
)
SERVICES = {"caddy", "web", "worker", "beat", "postgres", "redis"}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_can_be_run_and_says_what_it_is_for(script):
    assert os.access(script, os.X_OK)
    assert script.read_text().splitlines()[0] == "#!/usr/bin/env bash"
    assert script.read_text().splitlines()[1].startswith("# ")
    assert "set -euo pipefail" in script.read_text()
    subprocess.run(["bash", "-n", str(script)], check=True)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_versions_and_hashes_but_no_place(lock):
    text = (ROOT / lock).read_text()
    pins = [line for line in text.splitlines() if line[:1].isalnum()]

    assert all("==" in line and line.endswith("\\") for line in pins)
    assert not re.search(r"https?://|file:|index-url|find-links", text)


def test_one_install_of_the_dev_lock_gives_the_product_too():
    run, dev = (set(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS)

    assert run <= dev


def test_the_product_imports_nothing_but_what_its_lock_installs():
    run = {_plain(name) for name in re.findall(r"^([\w.-]+)==", (ROOT / LOCKS[0]).read_text(), re.MULTILINE)}
    homes = importlib.metadata.packages_distributions()
    known = {*APPS, *sys.stdlib_module_names}

    foreign = {
        f"{path.relative_to(ROOT)}: {name}"
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        for name in _imports(path) - known
        if not run & {_plain(home) for home in homes.get(name, [])}
    }

    assert not foreign


def _plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def _imports(path):
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name.split(".")[0] for name in plain} | {
        node.module.split(".")[0]
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }


def test_the_locks_follow_their_sources():
    for lock in LOCKS:
        pinned = set(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))
        source = (ROOT / lock).with_suffix(".in").read_text()
        asked = set(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([^\s;]+)", source, re.MULTILINE))
        assert asked <= pinned


def test_the_stack_has_its_services_and_each_has_a_health_check(compose):
    assert set(compose["services"]) >= SERVICES
    assert all(compose["services"][name]["healthcheck"]["test"] for name in SERVICES)


def test_the_queue_is_never_evicted(compose):
    command = compose["services"]["redis"]["command"]

    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_secrets_reach_the_containers_as_files(compose):
    for name in ("web", "worker", "beat"):
        environment = compose["services"][name]["environment"]
        files = {value for key, value in environment.items() if key.endswith("_FILE")}
        assert files == {f"/run/secrets/{secret}" for secret in compose["services"][name]["secrets"]}
        assert not {"SECRET_KEY", "DATABASE_URL", "FIELD_ENCRYPTION_KEYS"} & set(environment)


def test_init_secrets_makes_what_the_stack_wants_and_keeps_what_is_there(compose, tmp_path):
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "bin/init-secrets", tmp_path / "bin/init-secrets")

    subprocess.run([tmp_path / "bin/init-secrets"], check=True, capture_output=True)
    first = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run([tmp_path / "bin/init-secrets"], check=True, capture_output=True)

    assert set(first) == set(compose["secrets"])
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == first
    assert first["postgres_password"] in first["database_url"]
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_all_apps_are_in_the_image():
    kept = set((ROOT / ".dockerignore").read_text().split())

    assert {f"!{folder}" for folder in APPS} <= kept


def test_what_is_set_wins_over_the_defaults_of_the_desk(tmp_path):
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "bin/_desk.py", tmp_path / "bin/_desk.py")
    program = "import os; print(os.environ['PORT'], os.environ['META_GRAPH_URL'], os.environ.get('OPENAI_BASE_URL'))"

    def run(**given):
        command = [sys.executable, tmp_path / "bin/_desk.py", "-c", program]
        return subprocess.run(command, env=given, check=True, capture_output=True, text=True).stdout.split()

    assert run() == ["8000", "http://127.0.0.1:8001/meta", "http://127.0.0.1:8001/openai/v1"]
    assert run(PORT="9000", OPENAI_API_KEY="sk-1") == ["9000", "http://127.0.0.1:9001/meta", "None"]
    assert run(META_GRAPH_URL="http://graph.test") == ["8000", "http://graph.test", "http://127.0.0.1:8001/openai/v1"]
    assert stat.S_IMODE((tmp_path / "var/secret_key").stat().st_mode) == 0o600


def test_an_old_python_gets_one_clear_sentence(tmp_path):
    for name in ("bash", "dirname", "env"):
        (tmp_path / name).symlink_to(shutil.which(name))
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)

    done = subprocess.run([ROOT / "bin/_env"], env={"PATH": str(tmp_path)}, check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr == "frontdesk: needs Python 3.11 or newer; none was found on the PATH.\n"


def test_the_proxy_closes_the_operators_pages_and_limits_bodies():
    caddyfile = (ROOT / "deploy/Caddyfile").read_text()

    # Caddy sorts directives; among handles the order in the file counts, and a bare `respond` would come last.
    assert caddyfile.index("handle @operators") < caddyfile.index("handle @evolution")
    assert "path /admin /admin/* /metrics /metrics/*" in caddyfile
    assert caddyfile.count("max_size") == caddyfile.count("reverse_proxy")


def test_tests_of_one_name_are_refused_and_not_left_out():
    with pytest.raises(pytest.UsageError, match="several tests have one name"):
        Spreading.add_node_collection(None, None, ["test_a.py::test_b", "test_a.py::test_c", "test_a.py::test_b"])


def test_a_fixture_of_a_package_stands_in_one():
    """Where there is none it would last, with all that it has started, until the whole run ends."""
    of_packages = [path for path in (ROOT / "tests").rglob("*.py") if 'scope="package"' in path.read_text()]

    assert ROOT / "tests/flows/conftest.py" in of_packages
    of_packages.remove(Path(__file__))  # these lines
    assert all((path.parent / "__init__.py").exists() for path in of_packages), of_packages
