"""Run pytest twice, on SQLite and on PostgreSQL with Redis, independent of the user's environment variables."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.browsers import CHROMIUM  # noqa: E402 - after the path is set
from tests.support.migrated import postgres_data  # noqa: E402 - after the path is set
from tests.support.questions import left_out  # noqa: E402 - after the path is set
from tests.support.servers import ServerError, start_postgres, start_redis, versions  # noqa: E402 - after the path is set

# Variables that reach the tests. A real API key or PUBLIC_URL must not change what they see.
KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "TERM", "CI", "CHROMIUM", "PYTEST_ADDOPTS", "FORCE_COLOR", "NO_COLOR"}
# Processes of each run of the whole suite: one of the first mostly waits for installations and browsers, and each costs
# half a minute of a slow core before its first test.
WORKERS = (3, 2)
# Tests that take minutes and are left to `bin/check`: calls generated from the description of the API, and builds
# broken on purpose, which must turn the fault harness red. They run in processes of their own beside the last run,
# whose database is the stricter one: all the generated calls have one name, of which xdist would run one, and the
# harness waits more than it works.
LONG = "--long"
LONG_TESTS = ("tests/flows/test_api_fuzz.py", "tests/chaos/test_saboteurs.py")
NO_TESTS = 5


@dataclass(frozen=True)
class Run:
    """One run of pytest: the database's name, an expression of marks, the environment."""

    name: str
    marks: str
    environment: dict[str, str]


def main(arguments: list[str]) -> int:
    """Run the suite on both databases; a non-zero code when any run failed."""
    chosen = [argument for argument in arguments if argument != LONG]
    must_be_complete = os.environ.get("CI", "").lower() in {"true", "1"}
    environment = {name: value for name, value in os.environ.items() if name in KEPT} | {"APP_ENV": "test"}
    if CHROMIUM:
        environment["CHROMIUM"] = CHROMIUM
    else:
        say("no Chromium here, so the browser tests are left out (install chromium, or set CHROMIUM)")
    without = [] if CHROMIUM else ["not browser"]
    with ExitStack() as servers:
        services, missing = find_services(servers)
        if must_be_complete and (missing or not CHROMIUM):
            say(f"with CI=true that is a failure: {missing or 'no Chromium'}")
            return 1
        if missing:
            say(f"SQLite alone: {missing}")
        runs = [Run(f"SQLite {sqlite3.sqlite_version}", " and ".join(["not postgres", *without]), environment)]
        if services:
            server = versions(database_url=services["DATABASE_URL"], redis_url=services["REDIS_URL"])
            runs.append(Run(server, " and ".join(["not once", *without]), environment | services))
        if chosen:
            if LONG in arguments:
                say(f"{LONG} is for the whole suite; here runs what the other arguments choose")
            return narrowed(runs, chosen)
        with tempfile.TemporaryDirectory() as folder:
            return whole(runs, Path(folder), long=LONG in arguments)


def narrowed(runs: list[Run], arguments: list[str]) -> int:
    """Run the chosen tests, all of them on each database and in one process, so that -x and --pdb work.

    Returns the first exit code that is not zero; a run without tests is no failure when the other one found some.
    """
    codes: list[int] = []
    for number, run in enumerate(runs, start=1):
        begin(number, runs, [code for code in codes if code != NO_TESTS])
        codes.append(pytest(with_marker(arguments, run.marks), run.environment))
    return first_failure([code for code in codes if code != NO_TESTS] if 0 in codes else codes)


def whole(runs: list[Run], folder: Path, *, long: bool) -> int:
    """Run every test on the first database, and on the second those that send it something new (`left_out`)."""
    # tests/support/spreading.py says how tests are spread over processes
    spread = ["--dist", "loadscope", *(f"--ignore={path}" for path in LONG_TESTS)]
    codes: list[int] = []
    for number, run in enumerate(runs, start=1):
        begin(number, runs, codes)
        arguments = [*spread, "-n", str(WORKERS[number - 1]), "-m", run.marks]
        if number < len(runs):
            arguments.append(f"--note-questions={folder}")
        elif number > 1:
            arguments += leave_out(folder)
        with ExitStack() as beside:
            is_beside = long and number == len(runs)
            ended = [beside.enter_context(long_test(path, run)) for path in LONG_TESTS] if is_beside else []
            codes.append(pytest(arguments, run.environment))
            beside_codes = [wait() for wait in ended]
            # Without PostgreSQL the saboteurs are not run.
            codes += [code for code in beside_codes if code != NO_TESTS or len(runs) > 1]
    return first_failure(codes)


def leave_out(folder: Path) -> list[str]:
    """Return the arguments that leave out tests without a new question; none when the first run noted too little."""
    try:
        names = left_out(folder)
    except ValueError as error:
        say(f"{error}, so nothing is left out of the second run")
        return []
    say(f"without {len(names)} tests that would ask the database nothing new (CONTRIBUTING.md)")
    (folder / "left-out").write_text("\n".join(names), encoding="utf-8")
    return [f"--left-out={folder / 'left-out'}"]


def begin(number: int, runs: list[Run], codes: list[int]) -> None:
    """Print which run begins, and whether the one before it failed."""
    if first_failure(codes):
        say("run 1 of 2 failed, see above; run 2 follows")
    say(f"run {number} of {len(runs)} on {runs[number - 1].name}")


def first_failure(codes: list[int]) -> int:
    """Return the first code that is not zero, or 0."""
    return next((code for code in codes if code), 0)


def find_services(servers: ExitStack) -> tuple[dict[str, str], str]:
    """Return the addresses of PostgreSQL and Redis, from the environment or started here; else why there are none."""
    database, broker = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    template: dict[str, str] = {}
    try:
        if not database.startswith(("postgres", "psql")):
            # No test runs long enough to need table statistics.
            server = start_postgres(data=postgres_data(), options={"autovacuum": "off"})
            database = servers.enter_context(server).url
            template = {"TEMPLATE_DATABASE": "frontdesk"}
        if not broker:
            broker = servers.enter_context(start_redis()).url
    except ServerError as error:
        return {}, str(error)
    return {"DATABASE_URL": database, "REDIS_URL": broker, **template}, ""


def pytest(arguments: list[str], environment: dict[str, str]) -> int:
    """Run pytest once, in the foreground."""
    process = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment)
    try:
        return process.wait()
    except KeyboardInterrupt:
        # pytest got the signal of the terminal too; it prints its summary and ends.
        process.wait(timeout=30)
        raise
    finally:
        if process.poll() is None:
            process.terminate()


@contextmanager
def long_test(path: str, run: Run) -> Iterator[Callable[[], int]]:
    """Run one of LONG_TESTS in a process of its own while the block runs.

    Yields a function that waits for it, prints its output and returns its exit code.
    """
    command = [sys.executable, "-m", "pytest", path, "-m", run.marks]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, env=run.environment, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )

        def ended() -> int:
            code = process.wait()
            said.seek(0)
            say(f"beside that run: {path}")
            print(said.read(), flush=True)
            return code

        try:
            yield ended
        finally:
            # The harness ends what it has started when it is asked to stop; pytest itself ends at Ctrl-C.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
                if process.poll() is None:
                    os.killpg(process.pid, number)
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(timeout=60)


def with_marker(arguments: list[str], expression: str) -> list[str]:
    """Add a condition to the user's marker expression, or return it as the only one."""
    result, found = list(arguments), ""
    for index, argument in enumerate(arguments):
        if argument == "-m" and index + 1 < len(arguments):
            found, result = arguments[index + 1], arguments[:index] + arguments[index + 2 :]
        elif argument.startswith("-m") and len(argument) > 2:
            found, result = argument[2:].lstrip("="), arguments[:index] + arguments[index + 1 :]
    return [*result, "-m", f"({found}) and {expression}" if found else expression]


def say(text: str) -> None:
    """Print what runs, before pytest prints anything."""
    print(f"frontdesk: {text}", flush=True)


def stop(number: int, frame: FrameType | None) -> None:
    """Exit in the normal way, which stops the servers."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
