"""The API of people's clocks."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from reminders import services as reminders
from reminders.api.shared import call_service, get_contact
from reminders.fields import ClockIn, ClockOut
from reminders.models import ZoneSource
from tenants.access import TenantView
from tenants.api_descriptions import describe

CLOCK: dict[str, Any] = {
    "contact": 7, "zone": "America/Sao_Paulo", "source": "guessed",
    "calendar_url": "https://desk.example.com/calendar/9q0cJ1.ics",
}  # fmt: skip


class ClockView(TenantView):  # GET, PUT /api/contacts/<pk>/clock
    """A person's time zone, guessed from the number until it is told, and the address of their calendar."""

    needs = {"GET": "clocks.see", "PUT": "clocks.edit", "POST": "clocks.act"}

    @describe("Read the clock of a contact", gives=ClockOut, answer=CLOCK)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ClockOut(reminders.clock_of(contact=get_contact(self.tenant, pk))).data)

    @describe(
        "Set the time zone of a contact", takes=ClockIn, gives=ClockOut, example={"zone": "America/Manaus"},
        answer=CLOCK | {"zone": "America/Manaus", "source": "set"},
    )  # fmt: skip
    def put(self, request: Request, pk: int) -> Response:
        contact, zone = get_contact(self.tenant, pk), self.validated_body(ClockIn)["zone"]
        service = reminders.set_zone
        clock = call_service(lambda: service(contact=contact, zone=zone, source=ZoneSource.SET, by=self.actor))
        return Response(ClockOut(clock).data)


class RenewCalendar(TenantView):  # POST /api/contacts/<pk>/clock/renew
    """A new secret address of the person's calendar: the old one leads nowhere from now on."""

    needs = {"GET": "clocks.see", "PUT": "clocks.edit", "POST": "clocks.act"}

    @describe("Renew the calendar address of a contact", gives=ClockOut, answer=CLOCK)
    def post(self, request: Request, pk: int) -> Response:
        return Response(ClockOut(reminders.renew_feed(contact=get_contact(self.tenant, pk), by=self.actor)).data)
