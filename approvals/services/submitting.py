"""Submit a candidate: check it, freeze it, ask its approvers; once, however often it is sent."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from approvals.models import (
    ApprovalRule,
    Approver,
    Candidate,
    CandidateApprover,
    CandidateStatus,
    Effect,
    Policy,
    Timer,
    TimerKind,
    TrailKind,
    Verdict,
)
from approvals.queries import default_approvers
from approvals.services.deciding import approve_by_policy
from approvals.services.questions import add_questions
from approvals.services.trail import record_trail
from common.text.plain import clean
from messaging.services.attachments import BEGINNINGS
from tenants import services as tenants
from tenants.models import Tenant, signing_secrets

logger = logging.getLogger("frontdesk.approvals")

LETTERS, DIGITS = "abcdefghjkmnpqrstuvwxyz", "23456789"  # without those that look like another one
MAX_IMAGE_BYTES = 5 * 1024 * 1024
IMAGE_TYPES = {"image/png": "png", "image/jpeg": "jpg"}
MAX_AHEAD = timedelta(days=30)
MAX_METADATA = 8_000
MAX_OPTIONS, MAX_STEPS = 10, 5


class InvalidCandidate(ValueError):
    """A field is wrong; `field` names it and the text says how to mend it."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.field = name


class ExternalIdTaken(Exception):
    """Another candidate has this external id."""


@dataclass(frozen=True, kw_only=True)
class EscalationStep:
    """A step of the escalation: after so many minutes these approvers are asked too."""

    after_minutes: float
    approvers: Sequence[str] = ()  # names; empty: those of the first step again
    channel: str = ""


@dataclass(frozen=True, kw_only=True)
class CandidateRequest:
    """A candidate as it was sent."""

    title: str
    body: str = ""
    link: str = ""
    image: bytes = b""
    options: Sequence[dict[str, str]] = ()
    approvers: Sequence[str] = ()
    rule: str = ApprovalRule.ANY
    ladder: Sequence[EscalationStep] = ()
    channel: str = ""
    category: str = ""
    priority: str = "normal"
    deadline_at: datetime | None = None
    deadline_minutes: float | None = None  # as it was given, instead of a moment
    on_deadline: str = "expire"
    callback_url: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    external_id: str = ""

    @property
    def ends_at(self) -> datetime:
        """Return the deadline; minutes, or the default, count from now."""
        if self.deadline_at is not None:
            return self.deadline_at
        hours = timedelta(hours=settings.APPROVAL_DEADLINE_HOURS)
        return timezone.now() + (hours if self.deadline_minutes is None else timedelta(minutes=self.deadline_minutes))

    @property
    def fingerprint(self) -> str:
        """Return a hash that is equal for the same request."""
        plain = {name: value for name, value in vars(self).items() if name not in ("image", "ladder")}
        if self.deadline_minutes is None:
            del plain["deadline_minutes"]
        plain["image"] = hashlib.sha256(self.image).hexdigest()
        plain["ladder"] = [vars(rung) for rung in self.ladder]
        return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()


def submit(*, tenant: Tenant, wanted: CandidateRequest, by: str) -> tuple[Candidate, bool]:
    """Store a candidate; the second value is False when it was sent before with the same external id and content.

    Raises InvalidCandidate; ExternalIdTaken when the external id was used for something else. Call `check_address`
    before the transaction.
    """
    if wanted.external_id and (first := _find_existing(tenant, wanted)) is not None:
        return first, False
    people = _people(tenant, wanted)
    policy = _policy(tenant, wanted)
    _check(wanted, people, policy)
    for left in (2, 1, 0):
        try:
            with transaction.atomic():
                return _create(tenant, wanted, people, policy, by), True
        except IntegrityError:
            # Another request with the same external id, or the same short id, was stored at this moment.
            if wanted.external_id and (first := _find_existing(tenant, wanted)) is not None:
                return first, False
            if not left:
                raise
    raise AssertionError("unreachable")


def callback_url(tenant: Tenant, wanted: CandidateRequest) -> str:
    """Return where the decision is sent; "" for nowhere. Raises InvalidCandidate where it could not be signed."""
    url = wanted.callback_url or settings.CORE_DECISION_WEBHOOK
    if url and not signing_secrets(tenant.pk):
        mend = "make this business a signing secret (POST /api/signing-secret), or set WEBHOOK_SIGNING_SECRET"
        raise InvalidCandidate("callback_url", f"Callbacks cannot be signed: {mend}.")
    return str(url)


def check_address(wanted: CandidateRequest) -> None:
    """Raise InvalidCandidate for a callback address that is not allowed; looks up the host name."""
    if not wanted.callback_url or wanted.callback_url == settings.CORE_DECISION_WEBHOOK:
        return
    try:
        tenants.check_endpoint(wanted.callback_url)
    except ValueError as error:
        raise InvalidCandidate("callback_url", str(error)) from None


def _find_existing(tenant: Tenant, wanted: CandidateRequest) -> Candidate | None:
    row: Candidate | None = Candidate.objects.of(tenant).filter(external_id=wanted.external_id).first()
    if row is not None and row.request_hash != wanted.fingerprint:
        raise ExternalIdTaken(f"There is a candidate {wanted.external_id} with other content already.")
    return row


def _people(tenant: Tenant, wanted: CandidateRequest) -> list[list[Approver]]:
    """Return the approvers of each step: first those who are asked at once, then those of the escalation."""
    known = {row.name: row for row in Approver.objects.of(tenant).filter(is_active=True)}
    first = [_named(known, name, "approvers") for name in wanted.approvers] or default_approvers(tenant)
    if not first:
        raise InvalidCandidate("approvers", "Name at least one: no approver of this tenant is asked by default.")
    return [first, *([_named(known, name, "escalation") for name in rung.approvers] for rung in wanted.ladder)]


def _named(known: dict[str, Approver], name: str, where: str) -> Approver:
    if name not in known:
        names = ", ".join(sorted(known)) or "nobody yet: add approvers in the back office"
        raise InvalidCandidate(where, f"There is no approver {name}. There is: {names}.")
    return known[name]


def _policy(tenant: Tenant, wanted: CandidateRequest) -> Policy | None:
    facts = {"category": wanted.category, "priority": wanted.priority, "metadata": wanted.metadata}
    rows = Policy.objects.of(tenant).filter(is_active=True)
    return next((row for row in rows if row.matches(**facts)), None)


def _check(wanted: CandidateRequest, people: list[list[Approver]], policy: Policy | None) -> None:
    """Check the rules that concern several fields."""
    now = timezone.now()
    if wanted.deadline_at is not None and wanted.deadline_at <= now:
        raise InvalidCandidate("deadline_at", "This moment is over: give one to come.")
    if wanted.deadline_at is not None and wanted.deadline_at > now + MAX_AHEAD:
        raise InvalidCandidate("deadline_at", f"Up to {MAX_AHEAD.days} days from now.")
    if len(json.dumps(wanted.metadata)) > MAX_METADATA:
        raise InvalidCandidate("metadata", f"Up to {MAX_METADATA} characters as JSON: send ids, not things.")
    _check_options(wanted)
    _check_image(wanted)
    needed = _needed(wanted, people, policy)
    seated = {row.pk for step in people for row in step}
    if needed > len(seated):
        text = f"{needed} people must approve this, and only {len(seated)} may answer."
        text += f" The policy {policy.name} asks for two." if policy and policy.effect == Effect.TWO_PERSON else ""
        raise InvalidCandidate("approvers", text)
    approving = [option for option in wanted.options if option["means"] == Verdict.APPROVE]
    if needed > 1 and len(approving) > 1:
        raise InvalidCandidate(
            "options", "Where several people must approve there is one approving option: they must agree."
        )
    if wanted.on_deadline == "approve" and (needed > 1 or len(approving) > 1):
        raise InvalidCandidate("on_deadline", "Silence cannot stand for several people, nor choose between options.")
    if policy and policy.effect == Effect.AUTO_APPROVE and len(approving) > 1:
        raise InvalidCandidate(
            "options", f"The policy {policy.name} approves by itself and cannot choose between options."
        )


def _check_options(wanted: CandidateRequest) -> None:
    ids, titles = [one["id"] for one in wanted.options], [one["title"].casefold() for one in wanted.options]
    if len(set(ids)) < len(ids) or len(set(titles)) < len(titles):
        raise InvalidCandidate("options", "Each option has an id and a title of its own.")
    if wanted.options and {one["means"] for one in wanted.options} != {Verdict.APPROVE, Verdict.REJECT}:
        raise InvalidCandidate("options", "At least one option must mean approve, and at least one reject.")


def _check_image(wanted: CandidateRequest) -> None:
    if wanted.image and not image_type(wanted.image):
        raise InvalidCandidate("image", "A PNG or a JPEG, in base64.")
    if len(wanted.image) > MAX_IMAGE_BYTES:
        raise InvalidCandidate("image", f"Up to {MAX_IMAGE_BYTES // 1024 // 1024} MB.")


def image_type(content: bytes) -> str:
    """Return the media type by the first bytes of a picture; "" for a type that not every provider shows."""
    return next((name for name in IMAGE_TYPES if content.startswith(BEGINNINGS[name])), "")


def _needed(wanted: CandidateRequest, people: list[list[Approver]], policy: Policy | None) -> int:
    needed = len({row.pk for row in people[0]}) if wanted.rule == ApprovalRule.ALL else 1
    return max(needed, 2) if policy is not None and policy.effect == Effect.TWO_PERSON else needed


def _create(
    tenant: Tenant, wanted: CandidateRequest, people: list[list[Approver]], policy: Policy | None, by: str
) -> Candidate:
    row = Candidate(
        tenant=tenant,
        policy=policy,
        created_by=by[:100],
        request_hash=wanted.fingerprint,
        needed=_needed(wanted, people, policy),
        deadline_at=wanted.ends_at,
        callback_url=callback_url(tenant, wanted),
        ladder=[vars(rung) | {"approvers": list(rung.approvers)} for rung in wanted.ladder],
        options=list(wanted.options),
        **{name: clean(getattr(wanted, name)) for name in ("title", "body", "link")},
        **{
            name: getattr(wanted, name)
            for name in ("channel", "category", "priority", "rule", "on_deadline", "metadata", "external_id")
        },
    )
    if wanted.image:
        row.image_type = image_type(wanted.image)
        row.image_sha256 = hashlib.sha256(wanted.image).hexdigest()
        row.image.save(f"{secrets.token_hex(16)}.{IMAGE_TYPES[row.image_type]}", ContentFile(wanted.image), save=False)
    row.content_hash = row.hash_of(row.body)
    row.short_id = _short_id(tenant)
    row.save()
    row.refresh_from_db(fields=["created_at"])
    _add_approvers(row, people)
    if row.callback_url:
        tenants.prepare_callback(tenant=tenant, url=row.callback_url, event_type="approval.decided")
    record_trail(row, TrailKind.RECEIVED, actor=by, content_hash=row.content_hash, policy=policy.name if policy else "")
    logger.info("candidate_received", extra={"tenant_id": tenant.pk, "candidate_id": row.pk, "by": "api"})
    if policy is not None and policy.effect == Effect.AUTO_APPROVE:
        approve_by_policy(candidate=row)
        row.refresh_from_db()
        return row
    _set_timers(row)
    add_questions(candidate=row, approvers=people[0], channel=row.channel, step=0)
    return row


def _add_approvers(row: Candidate, people: list[list[Approver]]) -> None:
    seated: dict[int, int] = {}
    for step, approvers in enumerate(people):
        for approver in approvers:
            seated.setdefault(approver.pk, step)
    CandidateApprover.objects.bulk_create(
        [CandidateApprover(tenant=row.tenant, candidate=row, approver_id=pk, step=step) for pk, step in seated.items()]
    )


def _set_timers(row: Candidate) -> None:
    timers = [Timer(tenant=row.tenant, candidate=row, kind=TimerKind.DEADLINE, due_at=row.deadline_at)]
    for step, rung in enumerate(row.ladder, start=1):
        due_at = row.created_at + timedelta(minutes=rung["after_minutes"])
        if due_at < row.deadline_at:
            timers.append(Timer(tenant=row.tenant, candidate=row, kind=TimerKind.ESCALATE, step=step, due_at=due_at))
    Timer.objects.bulk_create(timers)


def _short_id(tenant: Tenant) -> str:
    """Return four characters, letters and digits in turn so that no word appears; six when many candidates are open."""
    for length in (2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3):
        found = "".join(secrets.choice(LETTERS) + secrets.choice(DIGITS) for _ in range(length))
        if not Candidate.objects.of(tenant).filter(short_id=found, status=CandidateStatus.PENDING).exists():
            return found
    raise RuntimeError("no short id is free")
