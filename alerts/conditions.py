"""Value classes that alert checks return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class AlertTarget:
    """Where to send a notice: a way (webhook or e-mail) and an address.

    An empty address means the installation's settings.
    """

    medium: str
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class AlertCondition:
    """Something that is wrong now. Checks that return the same `key` report the same incident.

    `says` is a sentence of the catalogues, with `%(name)s` for each of `facts`; `text` is one that they do not have.
    `targets` None means the installation's own.
    """

    kind: str
    key: str
    says: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)
    text: str = ""
    tenant_id: int | None = None
    targets: tuple[AlertTarget, ...] | None = None
    tells_its_end: bool = True

    @property
    def english(self) -> str:
        """Return the sentence in English, as it is stored."""
        return self.says % dict(self.facts) if self.says else self.text
