"""What takes long to make and changes seldom: made once, kept in `var/`, and copied by whoever needs it.

What is kept carries the hash of what it is made from, so that a change makes it anew; what is old is removed then.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def keep(folder: Path, name: str, sources: tuple[str, ...], make: Callable[[Path], None]) -> Path:
    """Where the thing is kept; `make` is given a path to make it at when it is not there. One makes it, others wait."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{name}-{state_of(sources)}"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for old in folder.glob(f"{name}-*"):
                shutil.rmtree(old) if old.is_dir() else old.unlink()
            # Whole under another name first: a run that is stopped leaves nothing that looks finished.
            draft = kept.with_name(f"{kept.name}.new")
            make(draft)
            draft.rename(kept)
    return kept


def state_of(sources: tuple[str, ...]) -> str:
    """A hash of the files that some patterns name."""
    found = hashlib.sha256()
    for pattern in sources:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:12]
