"""Makes .venv and installs the packages of a lock into it, checked by hash; a second run finds the stamp and is done.

Runs on the system's Python, so it uses the standard library alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": "requirements.txt", "dev": "requirements-dev.txt"}
# What is installed for the tests is enough for the product.
ALSO_STAMPED = {"run": ("run",), "dev": ("dev", "run")}


def main(kind: str) -> int:
    """Bring .venv up to date with the lock of `kind`."""
    if is_current(kind):
        return 0
    # The lock is on the folder itself and goes with this process, however it ends.
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another run that is installing")
        fcntl.flock(folder, fcntl.LOCK_EX)
    if is_current(kind):
        return 0
    return install(kind)


def install(kind: str) -> int:
    """Make the environment where it is missing and install the lock."""
    lock = ROOT / LOCKS[kind]
    started = time.monotonic()
    uv = shutil.which("uv")
    if not works() and not make_venv(uv):
        return 1
    count = sum(1 for line in lock.read_text().splitlines() if line[:1].isalnum())
    say(f"installing {count} packages with {'uv' if uv else 'pip'}{'' if uv else ' (about a minute the first time)'}")
    code = install_with_uv(uv, lock) if uv else install_with_pip(lock, count)
    if code:
        say("the packages could not be installed; the reason stands above. Run the command again to go on.")
        return 1
    for name in ALSO_STAMPED[kind]:
        stamp_file(name).write_text(stamp(name))
    say(f"installed in {time.monotonic() - started:.0f} s")
    return 0


def make_venv(uv: str | None) -> bool:
    """Make .venv anew; tells how to mend it when Python lacks the means."""
    say(f"making .venv with Python {sys.version.split()[0]}")
    command = [sys.executable, "-m", "venv", "--clear"]
    if uv:
        command = [uv, "venv", "--quiet", "--clear", "--python", sys.executable]
    done = subprocess.run([*command, str(VENV)], capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
        say("could not make .venv. On Debian and Ubuntu: apt-get install python3-venv")
    return done.returncode == 0


def install_with_uv(uv: str, lock: Path) -> int:
    """Install by uv, which shows its own progress."""
    command = [uv, "pip", "install", "--python", str(PYTHON), "--require-hashes", "-r", str(lock)]
    return subprocess.run(
        command, check=False, env={**os.environ, "UV_LINK_MODE": os.environ.get("UV_LINK_MODE", "copy")}
    ).returncode


def install_with_pip(lock: Path, count: int) -> int:
    """Install by pip and show how far it is; pip's own words are printed only when it fails."""
    if subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        subprocess.run([str(PYTHON), "-m", "ensurepip"], capture_output=True, check=False)
    # Python compiles what is imported at the first start; compiling everything takes a third of the time.
    options = ["--no-compile", "--progress-bar", "off", "--disable-pip-version-check", "--no-input"]
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        *options,
        "--require-hashes",
        "--only-binary",
        ":all:",
        "-r",
        str(lock),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    lines, fetched = [], 0
    for line in process.stdout:
        lines.append(line)
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            fetched += 1
            if fetched % 20 == 0:
                say(f"  {fetched} of {count} packages fetched")
        elif line.startswith("Installing collected"):
            say("  unpacking")
    if process.wait():
        print("".join(lines[-25:]), file=sys.stderr)
    return process.returncode


def is_current(kind: str) -> bool:
    """Say whether .venv was made from today's lock, by this Python, in this folder."""
    return stamp_file(kind).is_file() and stamp_file(kind).read_text() == stamp(kind) and works()


def works() -> bool:
    """Say whether .venv holds a Python that starts and is new enough."""
    code = "import sys; sys.exit(sys.version_info < (3, 11))"
    return (
        PYTHON.exists() and subprocess.run([str(PYTHON), "-c", code], capture_output=True, check=False).returncode == 0
    )


def stamp(kind: str) -> str:
    """Name the state .venv has after an install: the lock's hash and the folder it was made in."""
    return f"{hashlib.sha256((ROOT / LOCKS[kind]).read_bytes()).hexdigest()} {ROOT}\n"


def stamp_file(kind: str) -> Path:
    """Return where the stamp of `kind` is kept."""
    return VENV / f".frontdesk-{kind}"


def say(text: str) -> None:
    """Tell the person at the terminal, at once."""
    print(f"frontdesk: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
