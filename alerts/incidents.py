"""What a check returns: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """Where people are told: a door, and an address; an empty one stands for the installation's settings."""

    door: str
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Something that is wrong now. `key` names it: as long as checks return the same key it is the same incident.

    `says` is a sentence that the catalogues know, with `%(name)s` for each of `facts`; `text` one that they do not.
    `targets` None: the installation's doors.
    """

    kind: str
    key: str
    says: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)
    text: str = ""
    tenant_id: int | None = None
    targets: tuple[Target, ...] | None = None
    tells_its_end: bool = True

    @property
    def english(self) -> str:
        """What is wrong, as it is kept."""
        return self.says % dict(self.facts) if self.says else self.text
