"""What a check returns: plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """Where people are told: a door, and an address; an empty one stands for the installation's settings."""

    door: str
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Something that is wrong now. `key` names it: as long as checks return the same key it is the same incident.

    `targets` None: the installation's doors.
    """

    kind: str
    key: str
    text: str
    tenant_id: int | None = None
    targets: tuple[Target, ...] | None = None
    tells_its_end: bool = True
