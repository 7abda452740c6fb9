"""A result of `doctor`, the command that checks the installation; see DOCTOR_CHECKS."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARNING, ERROR = "ok", "warning", "error"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found; `mend` says what to do about it."""

    check: str
    status: str
    message: str
    mend: str = ""
