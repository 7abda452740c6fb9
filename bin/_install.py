"""Create .venv and install the packages of a lock file into it, checked by hash.

A later run finds a stamp and does nothing.

It runs on the system's Python and uses only the standard library.
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
# The packages of the tests include those of the product.
ALSO_STAMPED = {"run": ("run",), "dev": ("dev", "run")}


def main(kind: str) -> int:
    """Update .venv to the lock of `kind`; returns an exit code."""
    if is_current(kind):
        return 0
    # The lock is on the folder itself, so it is released whenever this process ends.
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
    """Create the environment where it is missing and install the lock."""
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
    """Create .venv; prints how to mend it when Python lacks the modules."""
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
    """Install by pip and show the progress; the output of pip is printed only when it fails."""
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
    """Return whether .venv was made from this lock, by this Python, in this folder."""
    return stamp_file(kind).is_file() and stamp_file(kind).read_text() == stamp(kind) and works()


def works() -> bool:
    """Return whether .venv holds a Python that starts and is new enough."""
    code = "import sys; sys.exit(sys.version_info < (3, 11))"
    return (
        PYTHON.exists() and subprocess.run([str(PYTHON), "-c", code], capture_output=True, check=False).returncode == 0
    )


def stamp(kind: str) -> str:
    """Return a text for the state of .venv after an install: the lock's hash and the folder it was made in."""
    return f"{hashlib.sha256((ROOT / LOCKS[kind]).read_bytes()).hexdigest()} {ROOT}\n"


def stamp_file(kind: str) -> Path:
    """Return the file of the stamp of `kind`."""
    return VENV / f".frontdesk-{kind}"


def say(text: str) -> None:
    """Print a line at once."""
    print(f"frontdesk: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(130)
