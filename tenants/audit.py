"""The chain of the audit: beat seals the entries in order, and `verify` checks them.

One chain for each tenant, and one for the installation. Sealing separately from writing keeps busy paths free of a
lock; an entry carries a proof from its creation on, so that a row written by another program is never sealed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from common.db.locks import try_lock_name
from tenants import proofs
from tenants.models import AuditEntry, AuditSeal
from tenants.services import record

logger = logging.getLogger("frontdesk.audit")

INSTALLATION = 0
BATCH = 500
# An entry may be committed after a later one; no transaction lives this long.
LATE = timedelta(hours=1)
SEALED_WITHIN = timedelta(minutes=1)


@dataclass
class AuditReport:
    """The result of a check of the audit."""

    findings: list[str] = field(default_factory=list)
    heads: dict[int, tuple[int, str]] = field(default_factory=dict)  # of each chain its length and last digest
    unsealed: int = 0
    is_late: bool = False
    unknown_keys: int = 0


def seal(*, limit: int = 5000) -> int:
    """Seal the waiting entries in their chains; returns how many. Several processes may run it at once."""
    if not _unsealed().exists():
        return 0
    with transaction.atomic():
        if not try_lock_name("audit seal"):
            return 0
        seals = list(_next_seals(_unsealed().order_by("pk")[:limit]))
        AuditSeal.objects.bulk_create(seals)
    return len(seals)


def record_heads() -> int:
    """Record each chain's length and last digest in the installation's chain and in the log; returns how many.

    To cut off the end of a chain one must then forge both.
    """
    heads = _heads()
    for chain, (position, digest) in heads.items():
        logger.info("audit_head", extra={"chain": chain, "position": position, "digest": digest})
    noted = [[chain, position, digest] for chain, (position, digest) in sorted(heads.items())]
    for part in _batched(noted):
        record(tenant=None, actor="clock", action="audit_heads", heads=part)
    return len(heads)


def verify(*, noted: Iterable[tuple[int, int, str]] = ()) -> AuditReport:
    """Check every chain from its beginning; `noted` are heads from elsewhere: chain, position, digest."""
    report = AuditReport(heads=_heads())
    for chain in sorted(report.heads):
        _verify_chain(chain, report)
    _verify_unsealed(report)
    for chain, position, digest in [*noted, *_heads_in_the_audit()]:
        found = AuditSeal.objects.filter(chain=chain, position=position, digest=digest).exists()
        if not found:
            report.findings.append(
                f"{chain_name(chain)}: place {position} is not what was noted; its end was cut or forged"
            )
    return report


def chain_name(chain: int) -> str:
    """Return the name of a chain."""
    return f"tenant {chain}" if chain != INSTALLATION else "installation"


def _unsealed() -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.filter(~Exists(AuditSeal.objects.filter(entry_id=OuterRef("pk"))))
    last = AuditSeal.objects.aggregate(at=Max("sealed_at"))["at"]
    return rows if last is None else rows.filter(at__gt=last - LATE)


def _next_seals(entries: Iterable[AuditEntry]) -> Iterator[AuditSeal]:
    heads: dict[int, tuple[int, str]] = {}
    for entry in entries:
        text = proofs.canonical_text(vars(entry))
        if not proofs.is_proven(text, entry.proof):
            logger.error("audit_entry_foreign", extra={"entry_id": entry.pk})
            continue
        chain = entry.tenant_id or INSTALLATION
        position, previous = heads.get(chain) or _head(chain)
        digest = proofs.seal_digest(chain=chain, position=position + 1, previous=previous, text=text, proof=entry.proof)
        heads[chain] = position + 1, digest
        yield AuditSeal(chain=chain, position=position + 1, entry_id=entry.pk, previous=previous, digest=digest)


def _head(chain: int) -> tuple[int, str]:
    last = AuditSeal.objects.filter(chain=chain).order_by("-position").first()
    return (last.position, last.digest) if last is not None else (0, "")


def _heads() -> dict[int, tuple[int, str]]:
    chains = AuditSeal.objects.order_by("chain").values_list("chain", flat=True).distinct()
    return {chain: _head(chain) for chain in chains}


def _heads_in_the_audit() -> Iterator[tuple[int, int, str]]:
    notes = AuditEntry.objects.filter(tenant=None, action="audit_heads", actor="clock").order_by("pk")
    for note in notes.iterator(BATCH):
        yield from map(tuple, note.details.get("heads", []))


def _verify_chain(chain: int, report: AuditReport) -> None:
    expected, previous = 1, ""
    say = f"{chain_name(chain)}: ".__add__
    for seals in _batched(AuditSeal.objects.filter(chain=chain).order_by("position").iterator(BATCH)):
        entries = AuditEntry.objects.in_bulk([seal.entry_id for seal in seals])
        for one in seals:
            if one.position != expected:
                report.findings.append(say(f"places {expected} to {one.position - 1} are missing"))
            elif one.previous != previous:
                report.findings.append(say(f"place {one.position} does not follow the one before: a seal was forged"))
            report.findings += map(say, _trouble_with(one, entries.get(one.entry_id), report))
            expected, previous = one.position + 1, one.digest


def _trouble_with(one: AuditSeal, entry: AuditEntry | None, report: AuditReport) -> Iterator[str]:
    if entry is None:
        yield f"entry {one.entry_id} at place {one.position} was deleted"
        return
    text = proofs.canonical_text(vars(entry))
    if one.digest != proofs.seal_digest(
        chain=one.chain, position=one.position, previous=one.previous, text=text, proof=entry.proof
    ):
        yield f"entry {one.entry_id} at place {one.position} was changed"
        return
    proven = proofs.is_proven(text, entry.proof)
    if proven is None:
        report.unknown_keys += 1
    elif not proven:
        yield f"entry {one.entry_id} at place {one.position} was not written by this installation"


def _verify_unsealed(report: AuditReport) -> None:
    sealed = AuditSeal.objects.filter(entry_id=OuterRef("pk"))
    waiting = AuditEntry.objects.filter(~Exists(sealed))
    for entry in waiting.order_by("pk").iterator(BATCH):
        report.unsealed += 1
        if not proofs.is_proven(proofs.canonical_text(vars(entry)), entry.proof):
            chain = entry.tenant_id or INSTALLATION
            report.findings.append(f"{chain_name(chain)}: entry {entry.pk} was not written by this installation")
    report.is_late = waiting.filter(Q(at__lt=Now() - SEALED_WITHIN)).exists()


def _batched(rows: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(rows)
    while part := list(islice(left, BATCH)):
        yield part
