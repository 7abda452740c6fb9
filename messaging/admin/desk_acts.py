"""The actions of the session page: each reads its form and calls one service; the result is a short sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from common.errors import NotPossible
from common.text.numbers import parse_whole_number
from common.work.acts import discard_row
from messaging import services as messaging
from messaging.models import Conversation, Label, Message, MessageTemplate
from messaging.services.attachments import Attachment
from tenants.models import Member

MAX_UPLOAD = 25 * 1024 * 1024
MAX_HOURS = 24 * 90


@dataclass(frozen=True)
class Desk:
    """The member, the conversation and the form of an action."""

    request: HttpRequest
    conversation: Conversation
    member: Member | None

    @property
    def by(self) -> str:
        """Return the user's name for the audit."""
        return str(self.request.user.get_username())

    def field(self, name: str) -> str:
        """Return one field of the form, "" when it is missing."""
        return str(self.request.POST.get(name, "")).replace("\r\n", "\n")

    def one(self, rows: Any, name: str) -> Any:
        """Return the tenant's row that a field names; raises 404 for anything else."""
        pk = parse_whole_number(self.field(name))
        found = rows.filter(pk=pk).first() if pk is not None else None
        if found is None:
            raise Http404
        return found

    def message(self, name: str = "message") -> Message:
        """Return the message of this conversation that a field names."""
        found: Message = self.one(Message.objects.filter(conversation=self.conversation), name)
        return found

    def moment(self, name: str) -> datetime | None:
        """Parse a time of the browser's own field, in the viewer's zone; returns None when it is empty."""
        given = self.field(name)
        if not given:
            return None
        try:
            found = parse_datetime(given)
        except ValueError:
            found = None
        if found is None:
            raise NotPossible(_("Write the time like 2026-11-20 09:30."))
        return timezone.make_aware(found) if timezone.is_naive(found) else found


def take_over(desk: Desk) -> str:
    hours = desk.field("hours")
    if hours and not (hours.isdecimal() and 0 < int(hours) <= MAX_HOURS):
        raise NotPossible(_("Write the hours as a number from 1 to %s.") % MAX_HOURS)
    until = timezone.now() + timedelta(hours=int(hours)) if hours else None
    messaging.take_over(
        conversation=desk.conversation, by=desk.by, member=desk.member, reason=desk.field("reason"), until=until
    )
    return _("You have it. The assistant keeps silent.")


def hand_back(desk: Desk) -> str:
    messaging.resume(conversation=desk.conversation, actor=desk.by)
    return _("The assistant has it again.")


def assign(desk: Desk) -> str:
    members = Member.objects.of(desk.conversation.tenant).select_related("user")
    member = desk.one(members, "member") if desk.field("member") else None
    messaging.assign(conversation=desk.conversation, member=member, by=desk.by)
    return _("Assigned.")


def label(desk: Desk) -> str:
    chosen = desk.one(Label.objects.of(desk.conversation.tenant), "label")
    service = messaging.add_label if desk.field("on") == "1" else messaging.remove_label
    service(conversation=desk.conversation, label=chosen, by=desk.by)
    return ""


def snooze(desk: Desk) -> str:
    until = desk.moment("until") or _presets(timezone.localtime()).get(desk.field("preset"))
    if until is None:
        raise NotPossible(_("Choose until when."))
    messaging.snooze(conversation=desk.conversation, until=until, by=desk.by)
    return _("Put away until then, or until the customer writes.")


def close(desk: Desk) -> str:
    messaging.close(conversation=desk.conversation, by=desk.by)
    return _("Closed. The next message opens it again.")


def reopen(desk: Desk) -> str:
    messaging.reopen(conversation=desk.conversation, by=desk.by)
    return _("Open again.")


def read(desk: Desk) -> str:
    messaging.mark_read(conversation=desk.conversation)
    return ""


def writing(desk: Desk) -> str:
    if desk.member is not None:
        service = messaging.clear_writing if desk.field("stop") else messaging.record_writing
        service(conversation=desk.conversation, member=desk.member)
    return ""


def note(desk: Desk) -> str:
    messaging.add_note(conversation=desk.conversation, text=desk.field("text"), author=desk.by)
    return _("Noted. Customers never see notes.")


def send(desk: Desk) -> str:
    more: dict[str, Any] = {"attachment": _uploaded(desk), "due_at": desk.moment("due_at")}
    if desk.field("quoted"):
        more["quoted"] = desk.message("quoted")
    if desk.field("template"):
        more["template"] = desk.one(MessageTemplate.objects.of(desk.conversation.tenant), "template")
        more["variables"] = tuple(desk.request.POST.getlist("variable"))
    key = f"desk:{desk.request.user.pk}:{desk.field('key')}" if desk.field("key") else ""
    messaging.write_message(
        conversation=desk.conversation, text=desk.field("text"), author=desk.by, member=desk.member, key=key, **more
    )
    return _("It will be sent then.") if more["due_at"] else ""


def send_again(desk: Desk) -> str:
    return (
        _("It goes out again.") if messaging.send_again(message=desk.message(), by=desk.by) else _("It is not stuck.")
    )


def fetch_again(desk: Desk) -> str:
    done = messaging.fetch_again(message=desk.message(), by=desk.by)
    return _("The file is fetched again.") if done else _("It is not stuck.")


def discard(desk: Desk) -> str:
    done = discard_row(row=desk.message(), by=desk.by)
    return _("It stays unsent.") if done else _("It is too late for that.")


def cancel(desk: Desk) -> str:
    done = messaging.cancel_scheduled(message=desk.message(), by=desk.by)
    return _("Taken back.") if done else _("It is too late for that.")


def contact(desk: Desk) -> str:
    name, language = desk.field("name"), desk.field("language")
    changed = messaging.update_contact_details(
        contact=desk.conversation.contact, by=desk.by, name=name, language=language
    )
    return _("Saved.") if changed else ""


def opt_out(desk: Desk) -> str:
    messaging.opt_out(contact=desk.conversation.contact, by=desk.by)
    return _("Nothing more is sent to this person.")


def opt_in(desk: Desk) -> str:
    messaging.opt_back_in(contact=desk.conversation.contact, by=desk.by)
    return _("Messages may be sent again.")


ACTS: dict[str, Callable[[Desk], str]] = {
    act.__name__: act
    for act in (
        take_over, hand_back, assign, label, snooze, close, reopen, read, writing, note, send, send_again, discard,
        fetch_again, cancel, contact, opt_out, opt_in,
    )
}  # fmt: skip


def _uploaded(desk: Desk) -> Attachment | None:
    given = desk.request.FILES.get("file")
    if given is None:
        return None
    size = given.size or 0
    if size > MAX_UPLOAD:
        limit = MAX_UPLOAD // 1024 // 1024
        raise messaging.SendRefused(_("A file may have up to %s MB.") % limit)
    return Attachment(name=given.name or "file", mime_type=given.content_type or "", content=given.read())


def _presets(now: datetime) -> dict[str, datetime]:
    """Return the offered times for a snooze, in the viewer's zone."""
    morning = now.replace(hour=9, minute=0, second=0, microsecond=0)
    return {
        "hour": now + timedelta(hours=1),
        "later": now + timedelta(hours=4),
        "tomorrow": morning + timedelta(days=1),
        "monday": morning + timedelta(days=7 - now.weekday()),
    }
