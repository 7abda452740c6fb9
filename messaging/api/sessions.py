"""The API of sessions: list, read, pause, resume, assign, snooze, close."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import NotPossible
from messaging import services as messaging
from messaging.api import examples
from messaging.api.fields import (
    AssignIn,
    MemberOut,
    PauseIn,
    SessionDetailOut,
    SessionOut,
    SessionQuery,
    SnoozeIn,
)
from messaging.models import Conversation
from messaging.models.conversations import LATEST, WANTS_PERSON, PausedBy
from messaging.queries.search import conversations_about
from tenants.access import TenantView
from tenants.api_descriptions import describe
from tenants.models import Member, Tenant

NEEDS = {"GET": "sessions.see", "POST": "sessions.act", "DELETE": "sessions.act"}


class Sessions(TenantView):  # GET /api/sessions
    """All sessions in which something was said, the latest first."""

    needs = NEEDS

    @describe("List sessions", gives=SessionOut, asks=SessionQuery, is_page=True, answer=examples.SESSION)
    def get(self, request: Request) -> Response:
        rows = sessions_of(self.tenant).filter(self._wanted(), last_message_at__isnull=False)
        return self.paginated(rows, LATEST, SessionOut)

    def _wanted(self) -> Q:
        found = Q()
        for name, value in self.validated_query(SessionQuery).items():
            found &= self._condition(name, value)
        return found

    def _condition(self, name: str, value: Any) -> Q:
        match name:
            case "is_paused":
                return Q(paused_at__isnull=not value)
            case "waiting":
                return WANTS_PERSON if value else ~WANTS_PERSON
            case "assigned":
                return self._assigned(value)
            case "label":
                return Q(labellings__label_id=value, labellings__tenant=self.tenant)
            case "since":
                return Q(last_message_at__gte=value)
            case "q":
                return conversations_about(self.tenant, value)
            case _:
                return Q(**{name if name == "status" else f"{name}_id": value})

    def _assigned(self, value: str) -> Q:
        if value == "nobody":
            return Q(assignee__isnull=True)
        if value == "me":
            return Q(assignee=self.caller.member) if self.caller.member else Q(pk__in=[])
        return Q(assignee_id=int(value))


class SessionView(TenantView):
    """Base of the views of one session."""

    needs = NEEDS

    def session(self, pk: int) -> Conversation:
        """Return the tenant's session with this id, or raise 404."""
        row: Conversation = get_object_or_404(sessions_of(self.tenant), pk=pk)
        return row

    def shown(self, pk: int) -> Response:
        """Return the session as it is now."""
        return Response(SessionDetailOut(sessions_of(self.tenant).get(pk=pk)).data)


class Session(SessionView):  # GET /api/sessions/<pk>
    """One session, with who paused it and what may be sent."""

    @describe("Read a session", gives=SessionDetailOut, answer=examples.SESSION_DETAIL)
    def get(self, request: Request, pk: int) -> Response:
        return Response(SessionDetailOut(self.session(pk)).data)


class PauseSession(SessionView):  # POST /api/sessions/<pk>/pause
    """Keep the assistant silent, until resumed or until a time."""

    @describe(
        "Pause the assistant",
        takes=PauseIn,
        gives=SessionDetailOut,
        example={"reason": "I take it", "hours": 2},
        answer=examples.SESSION_DETAIL,
    )
    def post(self, request: Request, pk: int) -> Response:
        conversation, wanted = self.session(pk), self.validated_body(PauseIn)
        if self.caller.is_key:
            messaging.pause(conversation=conversation, by=PausedBy.API, actor=self.actor, **wanted)
        else:
            # A member who pauses by the API has the session, as in the back office.
            messaging.take_over(conversation=conversation, by=self.actor, member=self.caller.member, **wanted)
        return self.shown(pk)


class ResumeSession(SessionView):  # POST /api/sessions/<pk>/resume
    """Hand the session back to the assistant."""

    @describe("Resume the assistant", gives=SessionDetailOut, answer=examples.SESSION_DETAIL)
    def post(self, request: Request, pk: int) -> Response:
        messaging.resume(conversation=self.session(pk), actor=self.actor)
        return self.shown(pk)


class AssignSession(SessionView):  # POST /api/sessions/<pk>/assign
    """Give the session to a member, or to nobody."""

    @describe(
        "Assign a session",
        takes=AssignIn,
        gives=SessionDetailOut,
        example={"member": 5},
        answer=examples.SESSION_DETAIL | {"assignee": examples.MEMBER},
    )
    def post(self, request: Request, pk: int) -> Response:
        conversation, wanted = self.session(pk), self.validated_body(AssignIn)["member"]
        member = Member.objects.of(self.tenant).filter(pk=wanted).first() if wanted is not None else None
        if wanted is not None and member is None:
            raise ValidationError({"member": ["There is no member with this id."]})
        messaging.assign(conversation=conversation, member=member, by=self.actor)
        return self.shown(pk)


class SnoozeSession(SessionView):  # POST /api/sessions/<pk>/snooze
    """Put the session away until a time, or until the customer writes."""

    @describe(
        "Snooze a session",
        takes=SnoozeIn,
        gives=SessionDetailOut,
        example={"hours": 4},
        answer=examples.SESSION_DETAIL | {"status": "snoozed", "snoozed_until": "2026-11-20T19:00:00.000000Z"},
    )
    def post(self, request: Request, pk: int) -> Response:
        conversation, until = self.session(pk), self.validated_body(SnoozeIn)["until"]
        try:
            messaging.snooze(conversation=conversation, until=until, by=self.actor)
        except NotPossible as error:
            raise ValidationError({"until": [str(error)]}) from None
        return self.shown(pk)


class CloseSession(SessionView):  # POST /api/sessions/<pk>/close
    """Nothing more is to be done; the next message of the customer opens it again."""

    @describe("Close a session", gives=SessionDetailOut, answer=examples.SESSION_DETAIL | {"status": "closed"})
    def post(self, request: Request, pk: int) -> Response:
        messaging.close(conversation=self.session(pk), by=self.actor)
        return self.shown(pk)


class ReopenSession(SessionView):  # POST /api/sessions/<pk>/reopen
    """Put the session back on the desk."""

    @describe("Reopen a session", gives=SessionDetailOut, answer=examples.SESSION_DETAIL)
    def post(self, request: Request, pk: int) -> Response:
        messaging.reopen(conversation=self.session(pk), by=self.actor)
        return self.shown(pk)


class ReadSession(SessionView):  # POST /api/sessions/<pk>/read
    """Note that a person has seen the session: nothing is unread."""

    @describe("Mark a session read", gives=SessionDetailOut, answer=examples.SESSION_DETAIL | {"unread": 0})
    def post(self, request: Request, pk: int) -> Response:
        messaging.mark_read(conversation=self.session(pk))
        return self.shown(pk)


class Members(TenantView):  # GET /api/members
    """Who may be given a session."""

    needs = {"GET": "members.see"}

    @describe("List members", gives=MemberOut, is_page=True, answer=examples.MEMBER)
    def get(self, request: Request) -> Response:
        return self.paginated(Member.objects.of(self.tenant).select_related("user"), ("id",), MemberOut)


def sessions_of(tenant: Tenant) -> QuerySet[Conversation]:
    """Return a tenant's conversations with all that their responses show, in a fixed number of queries."""
    rows: QuerySet[Conversation] = Conversation.objects.of(tenant)
    return rows.select_related("channel", "contact", "assignee__user").prefetch_related("contact__addresses", "labels")
