"""What a look through the installation finds: see the command `doctor` and DOCTOR_CHECKS."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARNING, ERROR = "ok", "warning", "error"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one look found; `mend` says what to do about it."""

    check: str
    status: str
    message: str
    mend: str = ""
